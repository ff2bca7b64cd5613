using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Sodium;

public sealed class IdentityTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("msgnet-identity-").FullName;

    private string KeyPath => Path.Combine(folder, "node.key");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    [Covers("ID-001")]
    public void A_seed_gives_the_recorded_keys()
    {
        using var identity = Identity.FromSeed(ChannelVectors.Bytes("initiator_seed"));
        Assert.Equal(ChannelVectors.Bytes("initiator_pk"), identity.PublicKey.ToArray());
        Assert.Equal(PeerId.FromEd25519(identity.PublicKey), identity.Id);
        Assert.Equal(identity.Id.ToString(), identity.ToString());
        Assert.Throws<ArgumentException>(() => Identity.FromSeed(new byte[31]));
    }

    [Fact]
    [Covers("SEC-058")]
    public void Only_a_generated_identity_is_fresh()
    {
        using var generated = Identity.Generate();
        using var other = Identity.Generate();
        Assert.True(generated.IsFresh);
        Assert.NotEqual(generated.Id, other.Id);
        using var made = Identity.LoadOrCreate(KeyPath);
        Assert.True(made.IsFresh);
        using var again = Identity.LoadOrCreate(KeyPath);
        Assert.False(again.IsFresh);
        Assert.Equal(made.Id, again.Id);
        using var seeded = Identity.FromSeed(new byte[32]);
        Assert.False(seeded.IsFresh);
    }

    [Fact]
    [Covers("SEC-058")]
    public async Task An_identity_is_fresh_for_the_first_host_alone()
    {
        using var identity = Identity.Generate();
        Assert.True(await IsFreshTo(identity));
        Assert.False(identity.IsFresh);
        Assert.False(await IsFreshTo(identity));
        using var loaded = Identity.FromSeed(new byte[32]);
        Assert.False(await IsFreshTo(loaded));
    }

    [Fact]
    public void Signatures_hold_for_their_data_and_key_only()
    {
        using var identity = Identity.Generate();
        using var other = Identity.Generate();
        var signature = new byte[64];
        identity.Sign("data"u8, signature);
        Assert.True(Identity.Verify(identity.PublicKey, "data"u8, signature));
        Assert.False(Identity.Verify(identity.PublicKey, "date"u8, signature));
        Assert.False(Identity.Verify(other.PublicKey, "data"u8, signature));
        Assert.False(Identity.Verify(identity.PublicKey, "data"u8, signature.AsSpan(1)));
        Assert.False(Identity.Verify(identity.PublicKey[1..], "data"u8, signature));
        for (var bit = 0; bit < 512; bit++)
        {
            var changed = (byte[])signature.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(Identity.Verify(identity.PublicKey, "data"u8, changed));
        }

        identity.Sign(default, signature);
        Assert.True(Identity.Verify(identity.PublicKey, default, signature));
        Assert.Throws<ArgumentException>(() => identity.Sign("data"u8, new byte[63]));
    }

    [Fact]
    public void A_disposed_identity_signs_agrees_and_saves_no_more()
    {
        var identity = Identity.Generate();
        identity.Dispose();
        Assert.Throws<ObjectDisposedException>(() => identity.Sign("data"u8, new byte[64]));
        Assert.Throws<ObjectDisposedException>(() => identity.TryAgree(new byte[32], new byte[32]));
        Assert.Throws<ObjectDisposedException>(() => identity.Save(KeyPath));
        Assert.False(File.Exists(KeyPath));
    }

    [Fact]
    [Covers("ID-021", "ID-024")]
    public void A_key_file_holds_68_bytes_for_its_owner_only()
    {
        using var identity = Identity.FromSeed(ChannelVectors.Bytes("initiator_seed"));
        identity.Save(KeyPath);
        byte[] expected = [8, 1, 0x12, 0x40, .. ChannelVectors.Bytes("initiator_seed"), .. ChannelVectors.Bytes("initiator_pk")];
        Assert.Equal(expected, File.ReadAllBytes(KeyPath));
        Assert.Equal([KeyPath], Directory.GetFiles(folder));
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(KeyPath));

        using var loaded = Identity.Load(KeyPath);
        Assert.Equal(identity.Id, loaded.Id);
    }

    [Fact]
    [Covers("ID-024")]
    public void A_key_file_is_never_replaced()
    {
        File.WriteAllText(KeyPath, "mine");
        using var identity = Identity.Generate();
        var thrown = Assert.Throws<IOException>(() => identity.Save(KeyPath));
        Assert.Contains("never replaced", thrown.Message, StringComparison.Ordinal);
        Assert.Equal("mine", File.ReadAllText(KeyPath));
        Assert.Equal([KeyPath], Directory.GetFiles(folder));
    }

    [SkippableTheory]
    [InlineData(UnixFileMode.GroupRead)]
    [InlineData(UnixFileMode.GroupWrite)]
    [InlineData(UnixFileMode.OtherRead)]
    [InlineData(UnixFileMode.OtherExecute)]
    public void A_file_others_have_rights_to_is_refused_with_the_remedy(UnixFileMode right)
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no such modes.");
        using var identity = Identity.Generate();
        identity.Save(KeyPath);
        SetMode(UnixFileMode.UserRead | UnixFileMode.UserWrite | right);
        var thrown = Assert.Throws<UnauthorizedAccessException>(() => Identity.Load(KeyPath));
        Assert.Contains($"chmod 600 '{KeyPath}'", thrown.Message, StringComparison.Ordinal);
        Assert.Throws<UnauthorizedAccessException>(() => Identity.LoadOrCreate(KeyPath));
    }

    [Fact]
    [Covers("ID-023")]
    public void Halves_that_do_not_belong_together_are_refused_without_showing_them()
    {
        byte[] content = [8, 1, 0x12, 0x40, .. ChannelVectors.Bytes("initiator_seed"), .. ChannelVectors.Bytes("responder_pk")];
        WriteKeyFile(content);
        var thrown = Assert.Throws<InvalidDataException>(() => Identity.Load(KeyPath));
        Assert.DoesNotContain(Convert.ToHexString(content.AsSpan(4, 4)), thrown.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    [Covers("ID-022")]
    public void The_legacy_form_is_read_if_both_its_public_keys_agree()
    {
        var (seed, key) = (ChannelVectors.Bytes("initiator_seed"), ChannelVectors.Bytes("initiator_pk"));
        WriteKeyFile([8, 1, 0x12, 0x60, .. seed, .. key, .. key]);
        using (var identity = Identity.Load(KeyPath))
            Assert.Equal(key, identity.PublicKey.ToArray());

        WriteKeyFile([8, 1, 0x12, 0x60, .. seed, .. key, .. ChannelVectors.Bytes("responder_pk")]);
        Assert.Throws<InvalidDataException>(() => Identity.Load(KeyPath));
        WriteKeyFile([8, 1, 0x12, 0x60, .. seed, .. ChannelVectors.Bytes("responder_pk"), .. key]);
        Assert.Throws<InvalidDataException>(() => Identity.Load(KeyPath));
    }

    [Fact]
    public void Every_damage_to_a_key_file_is_noticed()
    {
        byte[] good = [8, 1, 0x12, 0x40, .. ChannelVectors.Bytes("initiator_seed"), .. ChannelVectors.Bytes("initiator_pk")];
        for (var length = 0; length < good.Length; length++)
            AssertRefused(good[..length]);

        AssertRefused([.. good, 0]);
        AssertRefused(new byte[10_000]);
        for (var bit = 0; bit < good.Length * 8; bit++)
        {
            var changed = (byte[])good.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            AssertRefused(changed);
        }

        void AssertRefused(byte[] content)
        {
            WriteKeyFile(content);
            Assert.Throws<InvalidDataException>(() => Identity.Load(KeyPath));
        }
    }

    [Fact]
    public void A_missing_file_is_told_as_such()
    {
        Assert.Throws<FileNotFoundException>(() => Identity.Load(KeyPath));
        Assert.Throws<DirectoryNotFoundException>(() => Identity.LoadOrCreate(Path.Combine(folder, "none", "node.key")));
    }

    [Fact]
    [Covers("ID-024")]
    public void Many_at_once_create_one_identity()
    {
        var identities = new Identity[16];
        var options = new ParallelOptions { MaxDegreeOfParallelism = identities.Length };
        Parallel.For(0, identities.Length, options, i => identities[i] = Identity.LoadOrCreate(KeyPath));
        Assert.Single(identities.Select(identity => identity.Id).Distinct());
        Assert.Equal([KeyPath], Directory.GetFiles(folder));
        foreach (var identity in identities)
            identity.Dispose();
    }

    [Fact]
    [Covers("ID-024")]
    public void Of_two_drafts_at_once_one_gets_the_name()
    {
        const int Rounds = 400;
        var arrived = 0;
        var named = new bool[2, Rounds];
        var other = new Thread(() => PublishAll(1));
        other.Start();
        PublishAll(0);
        other.Join();
        for (var round = 0; round < Rounds; round++)
            Assert.True(named[0, round] != named[1, round], $"Both got it, or none, in round {round}.");

        void PublishAll(int who)
        {
            var spin = default(SpinWait);
            for (var round = 0; round < Rounds; round++)
            {
                var draft = Path.Combine(folder, $"draft-{who}-{round}");
                File.WriteAllBytes(draft, []);
                Interlocked.Increment(ref arrived);
                while (Volatile.Read(ref arrived) < 2 * (round + 1))
                    spin.SpinOnce(sleep1Threshold: -1);
                try
                {
                    KeyFile.Publish(draft, KeyPath + round);
                    named[who, round] = true;
                }
                catch (IOException)
                {
                    // The other was first.
                }
            }
        }
    }

    [Fact]
    public void A_missing_library_is_told_with_the_way_to_install_it()
    {
        Assert.Equal(0, SodiumCore.Load(["libsodium-that-is-not-there"], typeof(Identity).Assembly));
        var message = new LibsodiumMissingException().Message;
        Assert.Contains("apt-get install libsodium23", message, StringComparison.Ordinal);
        Assert.Contains("brew install libsodium", message, StringComparison.Ordinal);
    }

    private void WriteKeyFile(byte[] content)
    {
        File.WriteAllBytes(KeyPath, content);
        SetMode(UnixFileMode.UserRead | UnixFileMode.UserWrite);
    }

    private void SetMode(UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
            File.SetUnixFileMode(KeyPath, mode);
    }

    private static async Task<bool> IsFreshTo(Identity identity)
    {
        await using var host = await MessageHost.Start(new MsgNetOptions { Identity = identity });
        return ((UdpTransport)host.Network.Transports()[0]).Context.IdentityIsFresh;
    }
}
