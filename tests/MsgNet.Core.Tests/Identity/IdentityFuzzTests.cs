using System.Text;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Identity;

/// <summary>A million hostile inputs for each parser of remote bytes and text: no exception, bounded memory, a way back.</summary>
public class IdentityFuzzTests
{
    private const int Inputs = 1_000_000;
    private const int AllocationFixed = 1024;

    private static readonly byte[][] Multihashes =
    [
        Convert.FromHexString("0024080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c"),
        Convert.FromHexString("12209dff3b17d74cf4d38a50d8b6383e92d181a10395a5e73a726dcccbd21bf6f0b9"),
        Convert.FromHexString("002508021221037777e994e452c21604f91de093ce415f5432f701dd8cd1a7a6fea0e630bfca99"),
    ];

    private static readonly byte[][] PeerTexts =
    [
        .. new[]
        {
            "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5",
            "QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N",
            "bafzaajaiaejcbcui4poxicprsx6vfwznhs5f24wkm4e36hmucin7g5eiag2a6324",
            "k51qzi5uqu5djmw2yvf8kk5cdjc1ddc00o4d5sjwi6f79xzcay9j3gkddw5uu4",
            "f01720024080112208a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c",
            "uAXIAJAgBEiCKiOPddAnxlf1S2y08ul1yymcJvx2UEhvzdIgBtA9vXA",
            "z5AanNVJCxnN4WUyz1tPDQxHx1QZxndwaCCeHAFj4tcadpRKaht3Qx1",
            new string('1', 128),
        }.Select(Encoding.Latin1.GetBytes),
    ];

    private static readonly byte[][] AddressTexts =
    [
        .. MultiaddressVectorTests.Valid.Select(row => Encoding.UTF8.GetBytes((string)row[0])),
        .. MultiaddressProtocols.All.Select(protocol => Encoding.UTF8.GetBytes(protocol.Example)),
        Encoding.UTF8.GetBytes("/garlic64/" + new string('A', 512) + "BA-~AA=="),
    ];

    private static readonly byte[][] Addresses = [.. AddressTexts
        .Select(text => Multiaddress.TryParse(Encoding.UTF8.GetString(text), out var address) ? address.ToBytes() : null)
        .OfType<byte[]>()];

    [Fact]
    [Covers("MA-006")]
    public void Multiaddress_TryFromBytes_withstands_a_million_inputs()
    {
        var mutator = new Mutator(1);
        var accepted = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var input = mutator.Next(Addresses);
            Allocations.AssertAtMost(Bound(input.Length), input, static bytes => Multiaddress.TryFromBytes(bytes, out _));
            var valid = Multiaddress.TryFromBytes(input, out var address);
            if (!valid)
                continue;

            accepted++;
            Assert.True(address!.AsSpan().SequenceEqual(input));
            if (accepted % 4 == 0)
                Assert.Equal(address, Multiaddress.Parse(address.ToString()));
        }

        Assert.InRange(accepted, Inputs / 20, Inputs - 1);
    }

    [Fact]
    [Covers("MA-004", "MA-006")]
    public void Multiaddress_TryParse_withstands_a_million_inputs()
    {
        var mutator = new Mutator(2);
        var text = new char[1 << 14];
        var accepted = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var length = Widen(mutator, AddressTexts, text);
            ReadOnlySpan<char> input = text.AsSpan(0, length);
            Allocations.AssertAtMost(Bound(length), input, static chars => _ = Multiaddress.TryParse(chars, out _));
            var valid = Multiaddress.TryParse(input, out var address);
            if (!valid)
                continue;

            accepted++;
            if (accepted % 4 == 0)
                Assert.Equal(address, Multiaddress.Parse(address!.ToString()));
        }

        Assert.InRange(accepted, Inputs / 20, Inputs - 1);
    }

    [Fact]
    [Covers("ID-012", "ID-018")]
    public void PeerId_TryFromMultihash_withstands_a_million_inputs()
    {
        var mutator = new Mutator(3);
        var accepted = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var input = mutator.Next(Multihashes);
            Allocations.AssertAtMost(Bound(input.Length), input, static bytes => PeerId.TryFromMultihash(bytes, out _));
            var valid = PeerId.TryFromMultihash(input, out var peer);
            Assert.Equal(!valid, peer.IsEmpty);
            if (!valid)
                continue;

            accepted++;
            Assert.True(peer.Multihash.SequenceEqual(input));
            if (accepted % 16 == 0)
                Assert.Equal(peer, PeerId.Parse(peer.ToString()));
        }

        Assert.InRange(accepted, Inputs / 20, Inputs - 1);
    }

    [Fact]
    [Covers("ID-018")]
    public void PeerId_TryParse_withstands_a_million_inputs()
    {
        var mutator = new Mutator(4);
        var text = new char[1 << 12];
        var accepted = 0;
        for (var i = 0; i < Inputs; i++)
        {
            var length = Widen(mutator, PeerTexts, text);
            ReadOnlySpan<char> input = text.AsSpan(0, length);
            Allocations.AssertAtMost(Bound(length), input, static chars => _ = PeerId.TryParse(chars, out _));
            var valid = PeerId.TryParse(input, out var peer);
            if (!valid)
                continue;

            accepted++;
            if (accepted % 16 == 0)
                Assert.Equal(peer, PeerId.Parse(peer.ToCidString()));
        }

        Assert.InRange(accepted, Inputs / 50, Inputs - 1);
    }

    [Fact]
    public void Huge_binary_is_refused_without_allocating()
    {
        var huge = new byte[1 << 20];
        Array.Fill(huge, (byte)0x06);
        Assert.False(Multiaddress.TryFromBytes(huge, out _));
        Assert.False(PeerId.TryFromMultihash(huge, out _));
        Assert.False(PeerId.TryFromPublicKeyProtobuf(huge, out _));
        Allocations.AssertAtMost<byte>(0, huge, static bytes => Multiaddress.TryFromBytes(bytes, out _));
        Allocations.AssertAtMost<byte>(0, huge, static bytes => PeerId.TryFromMultihash(bytes, out _));
        Allocations.AssertAtMost<byte>(0, huge, static bytes => PeerId.TryFromPublicKeyProtobuf(bytes, out _));
    }

    // Latin-1, so that single bytes stay characters; 1 in 8 with a character from anywhere in UTF-16, lone surrogates included.
    private static int Widen(Mutator mutator, byte[][] corpus, char[] text)
    {
        var input = mutator.Next(corpus);
        var length = Encoding.Latin1.GetChars(input, text);
        if (length > 0 && mutator.Random.Next(8) == 0)
            text[mutator.Random.Next(length)] = (char)mutator.Random.Next(char.MaxValue + 1);
        return length;
    }

    private static long Bound(int length) => 2L * length + AllocationFixed;
}
