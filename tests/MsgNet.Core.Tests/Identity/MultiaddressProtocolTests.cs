using System.Text;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Identity;

public class MultiaddressProtocolTests
{
    private const string Sid = "8A88E3DD7409F195FD52DB2D3CBA5D72CA6709BF1D94121BF3748801B40F6F5C";

    private static readonly string Garlic64 = new string('A', 512) + "BA-~AA==";

    /// <summary>The table of identity.md with its private codes: name, code, bytes of the code, length of the value.</summary>
    public static TheoryData<string, int, string, int> Table => new()
    {
        { "ip4", 4, "04", 4 }, { "tcp", 6, "06", 2 }, { "dccp", 33, "21", 2 }, { "ip6", 41, "29", 16 }, { "ip6zone", 42, "2a", -1 },
        { "ipcidr", 43, "2b", 1 }, { "dns", 53, "35", -1 }, { "dns4", 54, "36", -1 }, { "dns6", 55, "37", -1 }, { "dnsaddr", 56, "38", -1 },
        { "sctp", 132, "8401", 2 }, { "udp", 273, "9102", 2 }, { "p2p-webrtc-star", 275, "9302", 0 },
        { "p2p-webrtc-direct", 276, "9402", 0 },
        { "p2p-stardust", 277, "9502", 0 }, { "webrtc-direct", 280, "9802", 0 }, { "webrtc", 281, "9902", 0 },
        { "p2p-circuit", 290, "a202", 0 },
        { "udt", 301, "ad02", 0 }, { "utp", 302, "ae02", 0 }, { "unix", 400, "9003", -1 }, { "p2p", 421, "a503", -1 },
        { "https", 443, "bb03", 0 }, { "onion", 444, "bc03", 12 }, { "onion3", 445, "bd03", 37 }, { "garlic64", 446, "be03", -1 },
        { "garlic32", 447, "bf03", -1 }, { "tls", 448, "c003", 0 }, { "sni", 449, "c103", -1 }, { "noise", 454, "c603", 0 },
        { "quic", 460, "cc03", 0 }, { "quic-v1", 461, "cd03", 0 }, { "webtransport", 465, "d103", 0 }, { "certhash", 466, "d203", -1 },
        { "ws", 477, "dd03", 0 }, { "wss", 478, "de03", 0 }, { "p2p-websocket-star", 479, "df03", 0 }, { "http", 480, "e003", 0 },
        { "http-path", 481, "e103", -1 }, { "memory", 777, "8906", 8 }, { "msp", 0x300000, "8080c001", 0 },
        { "mdp", 0x300001, "8180c001", 32 },
        { "mdpport", 0x300002, "8280c001", 4 }, { "plain", 0x300003, "8380c001", 0 }, { "plaintextv2", 7367777, "e1d8c103", 0 },
    };

    [Theory]
    [MemberData(nameof(Table))]
    [Covers("MA-011", "MA-021", "MA-004")]
    public void Each_protocol_has_its_code_and_goes_both_ways(string name, int code, string codeHex, int valueLength)
    {
        Assert.True(MultiaddressProtocols.TryGet(name, out var protocol));
        Assert.True(MultiaddressProtocols.TryGet(code, out var byCode));
        Assert.Same(protocol, byCode);
        Assert.Equal((name, code, valueLength), (protocol.Name, protocol.Code, protocol.ValueLength));

        var text = name == "garlic64" ? "/garlic64/" + Garlic64 : protocol.Example;
        var address = Multiaddress.Parse(text);
        Assert.Equal(text, address.ToString());
        Assert.StartsWith(codeHex, Convert.ToHexStringLower(address.ToBytes()), StringComparison.Ordinal);
        Assert.True(Multiaddress.TryFromBytes(address.ToBytes(), out var again));
        Assert.Equal(address, again);
        Assert.Equal(text, again.ToString());
        Assert.Same(protocol, again.Components[0].Protocol);
    }

    [Fact]
    public void The_table_is_complete_and_in_order()
    {
        Assert.Equal(Table.Count, MultiaddressProtocols.All.Count);
        Assert.Equal(MultiaddressProtocols.All.OrderBy(protocol => protocol.Code), MultiaddressProtocols.All);
        Assert.False(MultiaddressProtocols.TryGet("UDP", out _));
        Assert.False(MultiaddressProtocols.TryGet("", out _));
        Assert.False(MultiaddressProtocols.TryGet(5, out _));
    }

    [Theory]
    [InlineData("/ipfs/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N", "/p2p/QmYyQSo1c1Ym7orWxLYvCrM2EmxFTANf8wXmmE7DWjhx5N")]
    [InlineData(
        "/p2p/bafzaajaiaejcbcui4poxicprsx6vfwznhs5f24wkm4e36hmucin7g5eiag2a6324",
        "/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5")]
    [InlineData("/ip6/2001:DB8:0:0::1/udp/1", "/ip6/2001:db8::1/udp/1")]
    [InlineData("/ip6/::ffff:127.0.0.1/tcp/1", "/ip6/::ffff:127.0.0.1/tcp/1")]
    [InlineData("/ip6/::1.2.3.4/tcp/1", "/ip6/::102:304/tcp/1")]
    [InlineData("/ip6/fe80::5efe:1.2.3.4", "/ip6/fe80::5efe:102:304")]
    [InlineData("/ip6/1:2:3:4:0:5efe:0:0", "/ip6/1:2:3:4:0:5efe::")]
    [InlineData("/ip6/1:0:0:2:3:0:0:4", "/ip6/1::2:3:0:0:4")]
    [InlineData("/ip6/1:0:2:0:3:0:4:0", "/ip6/1:0:2:0:3:0:4:0")]
    [InlineData("/ip6/0:0:0:0:0:0:0:0", "/ip6/::")]
    [InlineData("/udp/0004//", "/udp/4")]
    [InlineData("/unix/tmp/p2p.sock", "/unix/%2Ftmp%2Fp2p.sock")]
    [InlineData("/unix/tmp/a b/ws", "/unix/%2Ftmp%2Fa%20b%2Fws")]
    [InlineData("/unix/%2ftmp%2f100%25", "/unix/%2Ftmp%2F100%25")]
    [InlineData("/http-path/a%2fb%ff", "/http-path/a%2Fb%FF")]
    [InlineData("/http-path/ä", "/http-path/%C3%A4")]
    [InlineData("/onion/AAIMAQ4YGG2IEGCI:80", "/onion/aaimaq4ygg2iegci:80")]
    [InlineData(
        "/mdp/8a88e3dd7409f195fd52db2d3cba5d72ca6709bf1d94121bf3748801b40f6f5c/mdpport/4294967295/msp",
        $"/mdp/{Sid}/mdpport/4294967295/msp")]
    [InlineData("/memory/18446744073709551615", "/memory/18446744073709551615")]
    [InlineData("/certhash/z7ovjkJ2jBcTEdWLRtxkm3sAkhWYsyirSfFBj5mPPDW7iRE", null)]
    [InlineData("/dns/bücher.example", "/dns/bücher.example")]
    [Covers("MA-004", "MA-012", "MA-013", "MA-016")]
    public void Other_spellings_are_read_and_written_canonically(string text, string? canonical)
    {
        if (canonical is null)
        {
            Assert.False(Multiaddress.TryParse(text, out _));
            return;
        }

        var address = Multiaddress.Parse(text);
        Assert.Equal(canonical, address.ToString());
        Assert.Equal(address, Multiaddress.Parse(canonical));
    }

    [Fact]
    public void Certhash_is_read_in_any_base_and_written_in_base64url()
    {
        const string Canonical = "/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ";
        var hash = Multiaddress.Parse(Canonical).Components[0].ValueBytes.ToArray();
        Assert.Equal(Canonical, Multiaddress.Parse("/certhash/f" + Convert.ToHexStringLower(hash)).ToString());
        Assert.Equal(Canonical, Multiaddress.Parse("/certhash/b" + SimpleBase.Base32.FileCoin.Encode(hash)).ToString());
        Assert.Equal(Canonical, Multiaddress.Parse("/certhash/z" + SimpleBase.Base58.Bitcoin.Encode(hash)).ToString());
        Assert.False(Multiaddress.TryParse("/certhash/uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevR", out _));
    }

    [Theory]
    [InlineData("/ip4/127.1")]
    [InlineData("/ip4/010.0.0.1")]
    [InlineData("/ip4/0x7f.0.0.1")]
    [InlineData("/ip4/2130706433")]
    [InlineData("/ip4/1.2.3.4 ")]
    [InlineData("/ip6/fe80::1%25eth0")]
    [InlineData("/ip6/fe80::1%1")]
    [InlineData("/ip6/[::1]")]
    [InlineData("/ip6/:::1")]
    [InlineData("/udp/+1")]
    [InlineData("/udp/ 1")]
    [InlineData("/udp/")]
    [InlineData("/udp/１")]
    [InlineData("//udp/1")]
    [InlineData("/udp/1//msp")]
    [InlineData("/UDP/1")]
    [InlineData("udp/1")]
    [InlineData("/ipcidr/256")]
    [InlineData("/dns/a\nb")]
    [InlineData("/dns/\u007f")]
    [InlineData("/ip6zone/eth0")]
    [InlineData("/ip6zone/eth0/ip4/1.2.3.4")]
    [InlineData("/ip6zone/eth0/ip6zone/eth0/ip6/::1")]
    [InlineData("/unix")]
    [InlineData("/unix/")]
    [InlineData("/unix/%2F")]
    [InlineData("/unix/%2Ftmp%2")]
    [InlineData("/unix/%2Ftmp%zz")]
    [InlineData("/http-path/%+1")]
    [InlineData("/onion/aaimaq4ygg2iegci")]
    [InlineData("/onion/aaimaq4ygg2iegci:0")]
    [InlineData("/onion/aaimaq4ygg2iegci:65536")]
    [InlineData("/onion/aaimaq4ygg2iegc0:80")]
    [InlineData("/onion/aaimaq4ygg2iegc:80")]
    [InlineData("/onion/:80")]
    [InlineData("/onion3/vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:0")]
    [InlineData("/onion3/aaimaq4ygg2iegci:80")]
    [InlineData("/garlic32/566niximlxdzpanmn4qouucvua3k7neniwss47li5r6ugoertzu")]
    [InlineData("/garlic64/AAAA")]
    [InlineData("/certhash/u")]
    [InlineData("/certhash/uAAA")]
    [InlineData("/certhash/EiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ")]
    [InlineData("/p2p/")]
    [InlineData("/p2p/uAAA")]
    [InlineData("/mdp/8A88")]
    [InlineData("/mdp/8A88E3DD7409F195FD52DB2D3CBA5D72CA6709BF1D94121BF3748801B40F6FZZ")]
    [InlineData("/mdpport/4294967296")]
    [InlineData("/memory/18446744073709551616")]
    [InlineData("/memory/x")]
    [InlineData("/msp/1")]
    [Covers("MA-003", "MA-013", "MA-014", "MA-015")]
    public void Wrong_text_is_refused(string text)
    {
        Assert.False(Multiaddress.TryParse(text, out _));
        Assert.Throws<FormatException>(() => Multiaddress.Parse(text));
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("05")]
    [InlineData("8400047f000001")] // non-minimal code
    [InlineData("80")]
    [InlineData("ffffffffffffffffff")]
    [InlineData("ffffffffffffffff7f")]
    [InlineData("047f0000")]
    [InlineData("047f00000100")]
    [InlineData("0600")]
    [InlineData("35")]
    [InlineData("3500")]
    [InlineData("350561")]
    [InlineData("35810061")] // non-minimal length
    [InlineData("35ffffffffffffffff7f61")]
    [InlineData("35ffffffff0f61")]
    [InlineData("35012f")] // a slash in a name
    [InlineData("3501ff")] // no UTF-8
    [InlineData("35010a")]
    [InlineData("2a0161")] // a zone alone
    [InlineData("2a01610401020304")]
    [InlineData("90030161")] // a path not from the root
    [InlineData("9003012f")]
    [InlineData("9003022f610401020304")] // something behind a path
    [InlineData("e10300")]
    [InlineData("a50300")]
    [InlineData("a5030100")]
    [InlineData("bc0310c0439831b482184800000")]
    [InlineData("bc0310c0439831b4821848000000")] // onion port 0
    [InlineData("bf0301aa")]
    [InlineData("be0301aa")]
    [InlineData("d2030412030000")] // certhash that lies about its length
    [InlineData("d203020000")]
    [InlineData("8380c00100")]
    [Covers("MA-001", "MA-002", "MA-013", "MA-014")]
    public void Wrong_binary_is_refused(string hex)
    {
        var bytes = Convert.FromHexString(hex.Length % 2 == 0 ? hex : hex + "0");
        Assert.False(Multiaddress.TryFromBytes(bytes, out var address));
        Assert.Null(address);
    }

    [Fact]
    public void A_lone_surrogate_is_refused()
    {
        Assert.False(Multiaddress.TryParse("/dns/a\ud800", out _));
        Assert.False(Multiaddress.TryParse("/unix/a\udc00", out _));
        Assert.False(Multiaddress.TryParse("/p2p/12D3\ud800", out _));
    }

    [Theory]
    [InlineData(31, false)]
    [InlineData(32, true)]
    [InlineData(33, false)]
    [InlineData(34, false)]
    [InlineData(35, true)]
    [InlineData(63, true)]
    public void Garlic32_has_32_or_at_least_35_bytes(int length, bool valid)
    {
        byte[] binary = [0xBF, 0x03, (byte)length, .. Enumerable.Repeat((byte)0xA5, length)];
        Assert.Equal(valid, Multiaddress.TryFromBytes(binary, out var address));
        if (valid)
            Assert.Equal(address, Multiaddress.Parse(address!.ToString()));
    }

    [Fact]
    public void Messages_name_the_wrong_component_and_show_a_right_one()
    {
        Assert.Equal(
            "\"/ip4/1.2.3/udp/1\" is no multiaddress: '1.2.3' is no value for /ip4; a right one is \"/ip4/192.0.2.1\".",
            Message("/ip4/1.2.3/udp/1"));
        Assert.Equal("\"/ip4/1.2.3.4/udp\" is no multiaddress: /udp needs a value, as in \"/udp/4001\".", Message("/ip4/1.2.3.4/udp"));
        Assert.Equal(
            "\"/ip4/1.2.3.4/fred/1\" is no multiaddress: 'fred' is no known protocol; names are lower-case, such as ip4, udp or p2p.",
            Message("/ip4/1.2.3.4/fred/1"));
        Assert.Contains("does not start with '/'", Message("ip4/1.2.3.4"), StringComparison.Ordinal);
        Assert.Contains("names no protocol", Message("//"), StringComparison.Ordinal);
        Assert.Contains("/ip6zone/eth0/ip6/fe80::1", Message("/ip6zone/eth0/tcp/1"), StringComparison.Ordinal);
        Assert.Contains("more than 4096", Message($"/dns/{new string('a', 3000)}/dns/{new string('a', 3000)}"), StringComparison.Ordinal);
        Assert.Contains("more than 32 components", Message(string.Concat(Enumerable.Repeat("/ws", 33))), StringComparison.Ordinal);
    }

    [Fact]
    [Covers("MA-007")]
    public void The_bounds_hold_to_the_byte()
    {
        Assert.True(Multiaddress.TryParse(string.Concat(Enumerable.Repeat("/ws", 32)), out _));
        var name = Encoding.ASCII.GetBytes(new string('a', Limits.MultiaddressBytesMax - 2));
        byte[] largest = [0x35, 0xFD, 0x1F, .. name.AsSpan(1)];
        Assert.Equal(Limits.MultiaddressBytesMax, largest.Length);
        Assert.True(Multiaddress.TryFromBytes(largest, out _));
        Assert.False(Multiaddress.TryFromBytes([0x35, 0xFE, 0x1F, .. name], out _));
        Assert.True(Multiaddress.TryParse("/dns/" + new string('a', 4093), out _));
        Assert.False(Multiaddress.TryParse("/dns/" + new string('a', 4094), out _));
        Assert.False(Multiaddress.TryParse("/dns/" + new string('\u4e2d', 4000), out _));
    }

    [Fact]
    [Covers("MA-004")]
    public void The_longest_texts_printed_are_read_again()
    {
        // Every byte of a path takes three characters; marks have the longest names for their two bytes.
        byte[] marks = [.. Enumerable.Repeat<byte[]>([0xDF, 0x03], 31).SelectMany(mark => mark)];
        byte[] path = [.. marks, 0x90, 0x03, 0xBE, 0x1F, (byte)'/', .. Enumerable.Repeat((byte)0xFF, Limits.MultiaddressBytesMax - 67)];
        Assert.Equal(Limits.MultiaddressBytesMax, path.Length);
        byte[] garlic64 = [0xBE, 0x03, 0x80, 0x18, .. new byte[3072]];
        byte[] garlic32 = [0xBF, 0x03, 0x80, 0x14, .. new byte[2560]];
        foreach (var binary in new[] { path, garlic64, garlic32 })
        {
            Assert.True(Multiaddress.TryFromBytes(binary, out var address));
            Assert.Equal(address, Multiaddress.Parse(address.ToString()));
        }

        Assert.False(Multiaddress.TryFromBytes([0xBE, 0x03, 0x81, 0x18, .. new byte[3073]], out _));
        Assert.False(Multiaddress.TryFromBytes([0xBF, 0x03, 0x81, 0x14, .. new byte[2561]], out _));
    }

    private static string Message(string text) => Assert.Throws<FormatException>(() => Multiaddress.Parse(text)).Message;
}
