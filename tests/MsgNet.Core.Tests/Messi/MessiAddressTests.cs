using MsgNet.Messi;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Messi;

/// <summary>Addresses of servers, right and wrong; "Conformance" names what the original's own tests check.</summary>
public sealed class MessiAddressTests
{
    private const string Peer = "/ip4/192.0.2.1/udp/4001/p2p/12D3KooWD3eckifWpRn9wQpMG9R9hX3sD158z7EqHWmweQAJU5SA";

    [Theory]
    [InlineData("tcp://127.0.0.1:6000", MessiScheme.Tcp, "127.0.0.1", 6000)] // parse_uri_tcp
    [InlineData("tcp://255.255.255.255:65535", MessiScheme.Tcp, "255.255.255.255", 65535)] // parse_uri_tcp_long_address
    [InlineData("tls://example.org:443", MessiScheme.Tls, "example.org", 443)]
    [InlineData("tcp://localhost:1", MessiScheme.Tcp, "localhost", 1)]
    [InlineData("tcp://a-b_c.example.:7840", MessiScheme.Tcp, "a-b_c.example.", 7840)]
    [InlineData("tcp://[::1]:6000", MessiScheme.Tcp, "::1", 6000)]
    [InlineData("tls://[2001:db8::1]:6000", MessiScheme.Tls, "2001:db8::1", 6000)]
    [InlineData("tcp://[fe80::1%2]:6000", MessiScheme.Tcp, "fe80::1%2", 6000)]
    [Covers("MESSI-051", "MESSI-053", "MESSI-054")]
    public void Conformance_parse_uri_tcp_and_what_is_ours(string text, MessiScheme scheme, string host, int port)
    {
        foreach (var role in Enum.GetValues<MessiRole>())
        {
            var address = MessiAddress.Parse(text, role);
            Assert.Equal((scheme, host, port), (address.Scheme, address.Host, address.Port));
            Assert.True(address is { WireFormat: null, Multiaddress: null });
            Assert.Equal(text, address.ToString());
            Assert.True(MessiAddress.TryParse(text, role, out var again));
            Assert.Equal(address, again);
        }
    }

    [Fact]
    [Covers("MESSI-052", "MESSI-054")]
    public void Conformance_parse_uri_tcp_any_address_is_for_servers()
    {
        var address = MessiAddress.Parse("tcp://:6000", MessiRole.Server);
        Assert.Equal(("", 6000), (address.Host, address.Port));
        Assert.Equal("tcp://:6000", address.ToString());
        AssertRefused("tcp://:6000", MessiRole.Client, "the host is missing");
        Assert.Equal("tcp://:0", MessiAddress.Parse("tcp://:0", MessiRole.Server).ToString());
        AssertRefused("tcp://localhost:0", MessiRole.Client, "port 0 is for servers");
    }

    [Theory]
    [InlineData("tcp://localhost:6000?wire=compact", MessiWireFormat.Compact)]
    [InlineData("tls://[::1]:6000?wire=documented", MessiWireFormat.Documented)]
    [Covers("MESSI-055")]
    public void The_wire_format_stands_behind_the_port(string text, MessiWireFormat format)
    {
        var address = MessiAddress.Parse(text, MessiRole.Client);
        Assert.Equal(format, address.WireFormat);
        Assert.Equal(text, address.ToString());
    }

    [Fact]
    [Covers("MESSI-056")]
    public void A_multiaddress_with_a_peer_is_for_clients()
    {
        var address = MessiAddress.Parse(Peer, MessiRole.Client);
        Assert.Equal((MessiScheme.MsgNet, (Multiaddress)Peer), (address.Scheme, address.Multiaddress));
        Assert.Equal(Peer, address.ToString());
        AssertRefused(Peer, MessiRole.Server, "give it the host");
        AssertRefused("/ip4/192.0.2.1/udp/4001", MessiRole.Client, "which peer is there");
        AssertRefused("/ip4/300.0.2.1", MessiRole.Client, "is no multiaddress; write it like");
    }

    [Theory]
    [InlineData("tpc://127.0.0.1:6000", "starts with neither")] // parse_uri_tcp_bad_scheme
    [InlineData("TCP://127.0.0.1:6000", "in lower case")]
    [InlineData("", "starts with neither")]
    [InlineData(" tcp://a:1", "starts with neither")]
    [InlineData("127.0.0.1:6000", "starts with neither")]
    [InlineData("tcp://", "no port")] // parse_uri_tcp_only_scheme
    [InlineData("tcp://127.0.0.1", "no port")] // parse_uri_tcp_no_colon_before_port
    [InlineData("tcp://127.0.0.1:", "the port is no number")]
    [InlineData("tcp://127.0.0.1:abc", "the port is no number")]
    [InlineData("tcp://127.0.0.1:70000", "the port is no number")]
    [InlineData("tcp://127.0.0.1:-1", "the port is no number")]
    [InlineData("tcp://127.0.0.1:+1", "the port is no number")]
    [InlineData("tcp://127.0.0.1: 1", "the port is no number")]
    [InlineData("tcp://127.0.0.1:1/", "the port is no number")]
    [InlineData("tcp://::1:6000", "needs brackets")]
    [InlineData("tcp://[::1:6000", "is not closed")]
    [InlineData("tcp://[::1]", "no port")]
    [InlineData("tcp://[::1]6000", "no port")]
    [InlineData("tcp://[]:6000", "no IPv6 address")]
    [InlineData("tcp://[127.0.0.1]:6000", "no IPv6 address")]
    [InlineData("tcp://[::g]:6000", "no IPv6 address")]
    [InlineData("tcp://300.1.1.1:6000", "neither a DNS name")]
    [InlineData("tcp://127.1:6000", "neither a DNS name")]
    [InlineData("tcp://010.0.0.1:6000", "neither a DNS name")]
    [InlineData("tcp://1.2.3.4.:6000", "neither a DNS name")]
    [InlineData("tcp://a..b:6000", "neither a DNS name")]
    [InlineData("tcp://.:6000", "neither a DNS name")]
    [InlineData("tcp://bücher.example:6000", "neither a DNS name")]
    [InlineData("tcp://user@host:6000", "neither a DNS name")]
    [InlineData("tcp://a:1?wire=Compact", "neither \"wire=documented\"")]
    [InlineData("tcp://a:1?", "neither \"wire=documented\"")]
    [InlineData("tcp://a:1?wire=compact&x=1", "neither \"wire=documented\"")]
    [Covers("MESSI-051", "MESSI-053", "MESSI-054", "MESSI-055", "MESSI-057")]
    public void Wrong_text_is_repeated_with_what_is_wrong_and_what_is_right(string text, string reason)
    {
        foreach (var role in Enum.GetValues<MessiRole>())
            AssertRefused(text, role, reason);
    }

    [Fact]
    [Covers("MESSI-053", "MESSI-057")]
    public void Long_text_is_refused_and_cut_in_the_sentence()
    {
        var label = new string('a', 63);
        var name = $"{label}.{label}.{label}.{new string('a', 61)}";
        Assert.Equal(name, MessiAddress.Parse($"tcp://{name}:1", MessiRole.Client).Host);
        AssertRefused($"tcp://{name}a:1", MessiRole.Client, "neither a DNS name");
        AssertRefused($"tcp://{label}a:1", MessiRole.Client, "neither a DNS name");
        var fault = AssertRefused("tcp://" + new string('a', 100_000), MessiRole.Client, "longer than 512");
        Assert.InRange(fault.Length, 100, 400);
    }

    [Fact]
    public void A_server_that_asked_for_a_free_port_says_which_it_got()
    {
        var address = MessiAddress.Parse("tls://[::]:0?wire=compact", MessiRole.Server);
        Assert.Equal("tls://[::]:4711?wire=compact", address.WithPort(4711).ToString());
        Assert.Throws<ArgumentOutOfRangeException>(() => address.WithPort(65536));
    }

    [Fact]
    public void Nothing_is_no_address()
    {
        Assert.False(MessiAddress.TryParse(null, MessiRole.Client, out _));
        Assert.Throws<ArgumentNullException>(() => MessiAddress.Parse(null!, MessiRole.Client));
    }

    [Theory]
    [InlineData("chat", "/messi/chat/1.0.0")]
    [InlineData("org.example.my_protocol", "/messi/org.example.my_protocol/1.0.0")]
    [Covers("MESSI-061")]
    public void Streams_are_called_after_the_package(string package, string expected) =>
        Assert.Equal(expected, MessiProtocolName.Of(package).Name);

    [Fact]
    [Covers("MESSI-061")]
    public void A_file_without_package_has_no_streams()
        => Assert.Contains("add a line such as \"package chat;\"",
            Assert.Throws<ArgumentException>(() => MessiProtocolName.Of("")).Message, StringComparison.Ordinal);

    [Fact]
    [Covers("MESSI-057")]
    public void No_text_throws_anything_else()
    {
        var random = new Random(5);
        const string Alphabet = "tcpls:/[]?.=0129a%-@ wire";
        var right = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var start = random.Next(3) switch { 0 => "", 1 => "tcp://", _ => "tls://a:1" };
            var text = start + string.Concat(Enumerable.Range(0, random.Next(12)).Select(_ => Alphabet[random.Next(Alphabet.Length)]));
            if (!MessiAddress.TryParse(text, MessiRole.Server, out var address))
                continue;

            right++;
            Assert.Equal(address, MessiAddress.Parse(address.ToString(), MessiRole.Server));
        }

        Assert.True(right > 100, $"{right}");
    }

    private static string AssertRefused(string text, MessiRole role, string reason)
    {
        Assert.False(MessiAddress.TryParse(text, role, out _));
        var fault = Assert.Throws<FormatException>(() => MessiAddress.Parse(text, role)).Message;
        Assert.Contains(reason, fault, StringComparison.Ordinal);
        Assert.Contains(text.Length <= 100 ? $"\"{text}\"" : $"\"{text[..100]}…\"", fault, StringComparison.Ordinal);
        return fault;
    }
}
