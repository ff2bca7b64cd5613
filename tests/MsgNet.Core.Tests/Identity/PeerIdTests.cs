using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Identity;

public class PeerIdTests
{
    private const string TextA = "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";

    private static readonly JsonElement Vectors = RepositoryFiles.Vectors("libp2p.json");

    public static TheoryData<string> KeyTypes => ["ecdsa", "ed25519", "secp256k1", "rsa"];

    [Theory]
    [MemberData(nameof(KeyTypes))]
    [Covers("ID-002", "ID-004", "ID-011", "ID-013", "ID-014", "ID-015", "ID-017")]
    public void Public_key_gives_the_id_of_the_vectors(string type)
    {
        var vector = Vectors.GetProperty("from_specs").GetProperty("keys").GetProperty(type);
        var peer = PeerId.FromPublicKeyProtobuf(Bytes(vector, "public"));

        Assert.Equal(Text(vector, "peer_id_b58"), peer.ToString());
        Assert.Equal(Text(vector, "peer_id_multihash"), Convert.ToHexStringLower(peer.Multihash));
        Assert.Equal(peer, PeerId.Parse(Text(vector, "peer_id_b58")));
        Assert.Equal(peer, PeerId.Parse(Text(vector, "peer_id_cid_base36")));
        Assert.Equal(type == "ed25519", peer.IsEd25519);
        if (vector.TryGetProperty("peer_id_cid_base32", out var cid))
        {
            Assert.Equal(cid.GetString(), peer.ToCidString());
            Assert.Equal(peer, PeerId.Parse(cid.GetString()!));
        }
    }

    [Fact]
    [Covers("ID-014")]
    public void Texts_of_the_spec_give_their_multihash()
    {
        var count = 0;
        foreach (var vector in Vectors.GetProperty("from_specs").GetProperty("peer_id_text").EnumerateArray())
        {
            Assert.Equal(Text(vector, "multihash"), Convert.ToHexStringLower(PeerId.Parse(Text(vector, "text")).Multihash));
            count++;
        }

        Assert.Equal(3, count);
    }

    [Theory]
    [InlineData("A")]
    [InlineData("B")]
    [Covers("ID-002", "ID-011", "ID-013", "ID-015")]
    public void Identities_of_js_agree(string name)
    {
        var vector = Vectors.GetProperty("generated").GetProperty("identities").GetProperty(name);
        var key = Bytes(vector, "public_protobuf")[4..];
        var peer = PeerId.FromEd25519(key);

        Assert.Equal(Text(vector, "peer_id"), peer.ToString());
        Assert.Equal(Text(vector, "multihash"), Convert.ToHexStringLower(peer.Multihash));
        Assert.Equal(Text(vector, "cid_base32"), peer.ToCidString());
        Assert.Equal(peer, PeerId.Parse(Text(vector, "cid_base36")));
        Assert.Equal(peer, PeerId.FromPublicKeyProtobuf(Bytes(vector, "public_protobuf")));
        var read = new byte[32];
        Assert.True(peer.TryGetEd25519(read));
        Assert.Equal(key, read);
    }

    [Fact]
    [Covers("ID-014", "ID-016")]
    public void Multibase_texts_of_every_base_are_read()
    {
        var peer = PeerId.Parse(TextA);
        byte[] cid = [0x01, 0x72, .. peer.Multihash];
        var base58 = SimpleBase.Base58.Bitcoin.Encode(cid);
        var base32 = SimpleBase.Base32.FileCoin.Encode(cid);
        var base36 = SimpleBase.Base36.LowerCase.Encode(cid);

        Assert.Equal(peer, PeerId.Parse("z" + base58));
        Assert.Equal(peer, PeerId.Parse("b" + base32));
        Assert.Equal(peer, PeerId.Parse("B" + base32.ToUpperInvariant()));
        Assert.Equal(peer, PeerId.Parse("k" + base36));
        Assert.Equal(peer, PeerId.Parse("K" + base36.ToUpperInvariant()));
        Assert.Equal(peer, PeerId.Parse("f" + Convert.ToHexStringLower(cid)));
        Assert.Equal(peer, PeerId.Parse("F" + Convert.ToHexString(cid)));
        Assert.Equal(peer, PeerId.Parse("u" + System.Buffers.Text.Base64Url.EncodeToString(cid)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("Q")]
    [InlineData("Qm")]
    [InlineData("b")]
    [InlineData("tcp")]
    [InlineData("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH")]
    [InlineData("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5 ")]
    [InlineData("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH55")]
    [InlineData("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH0")]
    [InlineData("12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPé5")]
    [InlineData("BAFZAAJAIAEJCBCUI4POXICPRSX6VFWZNHS5F24WKM4E36HMUCIN7G5EIAG2a6324")]
    [InlineData("bafkreia66cxhxpsm43ezvn2e72gcowbbpdljyzqfhdxwuszadt22srhbpi")]
    [Covers("ID-014", "ID-018")]
    public void Other_text_is_refused(string text)
    {
        Assert.False(PeerId.TryParse(text, out var peer));
        Assert.True(peer.IsEmpty);
        var error = Assert.Throws<FormatException>(() => PeerId.Parse(text));
        Assert.Contains("12D3KooW", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Long_text_is_refused_before_it_is_decoded()
    {
        Assert.False(PeerId.TryParse(new string('1', PeerId.TextLengthMax + 1), out _));
        Assert.False(PeerId.TryParse(new string('1', 1_000_000), out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("0000")]
    [InlineData("0024080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f")]
    [InlineData("0024080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c00")]
    [InlineData("0025080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")]
    [InlineData("0024080112218a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")]
    [InlineData("0024080412208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")]
    [InlineData("0024080212208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")]
    [InlineData("002508810012208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")]
    [InlineData("002412208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0801")]
    [InlineData("12209dff3b17d74cf4d38a50d8b6383e92d181a10395a5e73a726dcccbd21bf6f0")]
    [InlineData("12209dff3b17d74cf4d38a50d8b6383e92d181a10395a5e73a726dcccbd21bf6f0b900")]
    [InlineData("13209dff3b17d74cf4d38a50d8b6383e92d181a10395a5e73a726dcccbd21bf6f0b9")]
    [Covers("ID-003", "ID-004", "ID-012")]
    public void Other_multihashes_are_refused(string hex)
    {
        Assert.False(PeerId.TryFromMultihash(Convert.FromHexString(hex), out var peer));
        Assert.True(peer.IsEmpty);
    }

    [Fact]
    [Covers("ID-011", "ID-012")]
    public void Keys_up_to_42_bytes_are_contained_and_longer_ones_hashed()
    {
        // An ECDSA message of exactly 42 and of 43 bytes: the boundary of B.1.
        byte[] inline = [0x08, 0x03, 0x12, 38, .. new byte[38]];
        byte[] hashed = [0x08, 0x03, 0x12, 39, .. new byte[39]];

        Assert.Equal([0x00, 42, .. inline], PeerId.FromPublicKeyProtobuf(inline).Multihash.ToArray());
        Assert.Equal([0x12, 32, .. SHA256.HashData(hashed)], PeerId.FromPublicKeyProtobuf(hashed).Multihash.ToArray());
        Assert.True(PeerId.TryFromMultihash([0x00, 42, .. inline], out _));
        Assert.False(PeerId.TryFromMultihash([0x00, 43, .. hashed], out _));
    }

    [Fact]
    public void Misuse_throws_a_sentence()
    {
        Assert.Throws<ArgumentException>(() => PeerId.FromEd25519(new byte[31]));
        Assert.Throws<ArgumentException>(() => PeerId.FromPublicKeyProtobuf([0x08, 0x01]));
        Assert.Throws<ArgumentException>(() => PeerId.Parse(TextA).TryGetEd25519(new byte[31]));
        Assert.Throws<ArgumentNullException>(() => PeerId.Parse(null!));
        Assert.Throws<InvalidOperationException>(() => default(PeerId).ToCidString());
    }

    [Fact]
    public void The_default_is_nobody()
    {
        var nobody = default(PeerId);
        Assert.True(nobody.IsEmpty);
        Assert.False(nobody.IsEd25519);
        Assert.True(nobody.Multihash.IsEmpty);
        Assert.True(nobody.ToMemory().IsEmpty);
        Assert.Equal("", nobody.ToString());
        Assert.Equal(0, nobody.GetHashCode());
        Assert.Equal(default, nobody);
        Assert.NotEqual(PeerId.Parse(TextA), nobody);
        Assert.True(nobody < PeerId.Parse(TextA));
        Assert.False(nobody.TryGetEd25519(new byte[32]));
    }

    [Fact]
    [Covers("ID-017")]
    public void An_id_of_another_kind_gives_no_Ed25519_key()
    {
        var key = new byte[32];
        Assert.False(PeerId.Parse("QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N").TryGetEd25519(key));
        Assert.Equal(new byte[32], key);
    }

    [Fact]
    public void Order_is_that_of_the_bytes()
    {
        var low = PeerId.FromEd25519(new byte[32]);
        var high = PeerId.FromEd25519([0xFF, .. new byte[31]]);
        Assert.True(low < high && high > low && low <= high && high >= low && low != high);
        Assert.Equal(0, low.CompareTo(PeerId.FromEd25519(new byte[32])));
    }

    [Fact]
    public void Formatting_fills_a_span_or_nothing()
    {
        var peer = PeerId.Parse(TextA);
        Span<char> room = stackalloc char[TextA.Length];
        Assert.True(peer.TryFormat(room, out var written));
        Assert.Equal(TextA, room[..written].ToString());
        Assert.False(peer.TryFormat(room[1..], out written));
        Assert.Equal(0, written);
        Assert.Equal($"<{TextA}>", string.Create(CultureInfo.InvariantCulture, $"<{peer}>"));
    }

    [Fact]
    public void Comparing_and_hashing_allocate_nothing()
    {
        var a = PeerId.Parse(TextA);
        var b = PeerId.Parse(TextA);
        var key = new byte[32];
        Assert.True(a.Equals(b) && a.GetHashCode() == b.GetHashCode() && a.CompareTo(b) == 0 && a.TryGetEd25519(key));

        var same = true;
        Allocations.AssertAtMost<byte>(0, default, _ =>
        {
            for (var i = 0; i < 1000; i++)
                same &= a.Equals(b) && a.GetHashCode() == b.GetHashCode() && a.CompareTo(b) == 0 && a.TryGetEd25519(key);
        });
        Assert.True(same);
    }

    [Theory]
    [Covers("ID-003", "ID-004", "ID-018")]
    [InlineData("")]
    [InlineData("0801")]
    [InlineData("12208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c0801")] // other order
    [InlineData("0801080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")] // repeated field
    [InlineData("080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c1800")] // unknown field
    [InlineData("08810012208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")] // longer varint
    [InlineData("080112a0008a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")]
    [InlineData("080112218a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")] // length beyond the input
    [InlineData("0801121f8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f")] // 31 bytes
    [InlineData("080412208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c")] // unknown type
    [InlineData("08021200")]
    [InlineData("08001200")]
    public void Other_public_keys_are_refused(string hex)
    {
        Assert.False(PeerId.TryFromPublicKeyProtobuf(Convert.FromHexString(hex), out var peer));
        Assert.True(peer.IsEmpty);
    }

    private static string Text(JsonElement vector, string name) => vector.GetProperty(name).GetString()!;

    private static byte[] Bytes(JsonElement vector, string name) => Convert.FromHexString(Text(vector, name));
}
