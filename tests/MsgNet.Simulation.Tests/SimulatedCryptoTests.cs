using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

public class SimulatedCryptoTests : ChannelCryptoContract
{
    [Fact]
    public void One_seed_gives_one_cryptography()
    {
        using var a = Create(1).CreateEphemeral();
        using var b = Create(1).CreateEphemeral();
        using var c = Create(2).CreateEphemeral();
        Assert.Equal(a.PublicKey, b.PublicKey);
        Assert.NotEqual(a.PublicKey.ToArray(), c.PublicKey.ToArray());
        Assert.Equal(Create(1).PublicKey, Create(1).PublicKey);
    }

    [Fact]
    public void Any_bytes_make_a_peer()
    {
        var random = new SeededRandom(9);
        for (var i = 0; i < 100; i++)
        {
            var key = new byte[32];
            random.Fill(key);
            Assert.True(Create(1).TryConvertPublicKey(key, new byte[32]));
        }
    }

    [Fact]
    public void Sealing_and_opening_allocate_nothing()
    {
        var crypto = Create(1);
        using var sealing = crypto.CreateSealingKey(PacketSuite.ChaCha20Poly1305, new byte[32]);
        using var opening = crypto.CreateOpeningKey(PacketSuite.ChaCha20Poly1305, new byte[32]);
        var datagram = new byte[1200];
        var opened = SealAndOpen();
        Allocations.AssertNone(() =>
        {
            for (var i = 0; i < 1000; i++)
                opened &= SealAndOpen();
        });
        Assert.True(opened);

        bool SealAndOpen()
        {
            sealing.Seal(datagram, datagram.Length - Limits.SealOverhead);
            return opening.TryOpen(datagram, out _, out _);
        }
    }

    [Fact]
    public void Agreements_are_counted()
    {
        var crypto = (SimulatedCrypto)Create(1);
        using var ephemeral = crypto.CreateEphemeral();
        Assert.Equal(0, crypto.Agreements);
        ephemeral.TryAgree(crypto.PublicKey, new byte[32]);
        crypto.TryAgreeIdentity(ephemeral.PublicKey, new byte[32]);
        Assert.Equal(2, crypto.Agreements);
    }

    protected override IChannelCrypto Create(int node)
    {
        var random = new SeededRandom((ulong)node);
        var key = new byte[32];
        random.Fill(key);
        return new SimulatedCrypto(key, random);
    }
}
