using System.Text.Json;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Identity;

public class MultiaddressVectorTests
{
    private static readonly JsonElement Vectors = RepositoryFiles.Vectors("libp2p.json").GetProperty("generated");

    public static TheoryData<string, string, string> Valid
    {
        get
        {
            var data = new TheoryData<string, string, string>();
            foreach (var vector in Vectors.GetProperty("multiaddr").EnumerateArray())
            {
                var text = vector.GetProperty("text").GetString()!;
                var canonical = vector.TryGetProperty("canonical", out var given) ? given.GetString()! : text;
                data.Add(text, vector.GetProperty("bytes").GetString()!, canonical);
            }

            return data;
        }
    }

    public static IEnumerable<object[]> Invalid =>
        [.. Vectors.GetProperty("multiaddr_invalid").EnumerateArray()
            .Select(vector => new object[] { vector.GetProperty("text").GetString()! })];

    [Fact]
    public void Every_vector_is_used()
    {
        Assert.Equal(29, Valid.Count);
        Assert.Equal(16, Invalid.Count());
    }

    [Theory]
    [MemberData(nameof(Valid))]
    [Covers("MA-001", "MA-004", "MA-011")]
    public void Text_and_binary_agree(string text, string hex, string canonical)
    {
        var parsed = Multiaddress.Parse(text);
        Assert.Equal(hex, Convert.ToHexStringLower(parsed.ToBytes()));
        Assert.Equal(canonical, parsed.ToString());

        Assert.True(Multiaddress.TryFromBytes(Convert.FromHexString(hex), out var read));
        Assert.Equal(parsed, read);
        Assert.Equal(canonical, read.ToString());
        Assert.Equal(canonical, string.Concat(read.Components));
    }

    [Theory]
    [MemberData(nameof(Valid))]
    [Covers("MA-002")]
    public void Truncated_binary_is_refused_or_ends_at_a_component(string text, string hex, string canonical)
    {
        var whole = Convert.FromHexString(hex);
        for (var length = 0; length < whole.Length; length++)
        {
            if (Multiaddress.TryFromBytes(whole.AsSpan(0, length), out var shorter))
                Assert.StartsWith(shorter.ToString(), canonical, StringComparison.Ordinal);
        }

        Assert.False(Multiaddress.TryFromBytes([.. whole, 0x80], out _), text);
        Assert.False(Multiaddress.TryFromBytes([.. whole, 0x00], out _), text);
    }

    [Theory]
    [MemberData(nameof(Invalid))]
    [Covers("MA-003", "MA-015")]
    public void Invalid_texts_are_refused(string text)
    {
        Assert.False(Multiaddress.TryParse(text, out var address));
        Assert.Null(address);
        Assert.Throws<FormatException>(() => Multiaddress.Parse(text));
    }

    [Fact]
    public void The_addresses_of_the_signed_peer_record_are_in_its_payload()
    {
        var record = Vectors.GetProperty("signed_peer_record");
        var payload = record.GetProperty("payload").GetString()!;
        foreach (var address in record.GetProperty("addrs").EnumerateArray())
        {
            var bytes = Multiaddress.Parse(address.GetString()!).ToBytes();
            Assert.Contains(Convert.ToHexStringLower(bytes), payload, StringComparison.Ordinal);
        }
    }
}
