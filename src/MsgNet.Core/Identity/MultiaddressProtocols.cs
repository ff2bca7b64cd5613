using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// The multiaddress protocols MsgNet knows: libp2p's table, its dead codes (read, never dialled) and MsgNet's private ones.
/// </summary>
public static class MultiaddressProtocols
{
    private const int Variable = MultiaddressProtocol.VariableLength;
    private const string Host = "example.com";

    // MA-011

    /// <summary>An IPv4 address.</summary>
    public static MultiaddressProtocol Ip4 { get; } = new(4, "ip4", 4, MultiaddressValueKind.Ip4, "192.0.2.1");

    /// <summary>A TCP port.</summary>
    public static MultiaddressProtocol Tcp { get; } = Port(6, "tcp");

    /// <summary>A DCCP port.</summary>
    public static MultiaddressProtocol Dccp { get; } = Port(33, "dccp");

    /// <summary>An IPv6 address.</summary>
    public static MultiaddressProtocol Ip6 { get; } = new(41, "ip6", 16, MultiaddressValueKind.Ip6, "2001:db8::1");

    /// <summary>The zone of the link-local IPv6 address that follows.</summary>
    public static MultiaddressProtocol Ip6Zone { get; } = new(42, "ip6zone", Variable, MultiaddressValueKind.Name, "eth0/ip6/fe80::1");

    /// <summary>The prefix length of the network before it.</summary>
    public static MultiaddressProtocol IpCidr { get; } = new(43, "ipcidr", 1, MultiaddressValueKind.Byte, "24");

    /// <summary>A DNS name for addresses of both families.</summary>
    public static MultiaddressProtocol Dns { get; } = new(53, "dns", Variable, MultiaddressValueKind.Name, Host);

    /// <summary>A DNS name for IPv4 addresses.</summary>
    public static MultiaddressProtocol Dns4 { get; } = new(54, "dns4", Variable, MultiaddressValueKind.Name, Host);

    /// <summary>A DNS name for IPv6 addresses.</summary>
    public static MultiaddressProtocol Dns6 { get; } = new(55, "dns6", Variable, MultiaddressValueKind.Name, Host);

    /// <summary>A DNS name whose TXT records hold whole multiaddresses.</summary>
    public static MultiaddressProtocol DnsAddr { get; } = new(56, "dnsaddr", Variable, MultiaddressValueKind.Name, Host);

    /// <summary>An SCTP port.</summary>
    public static MultiaddressProtocol Sctp { get; } = Port(132, "sctp");

    /// <summary>A UDP port.</summary>
    public static MultiaddressProtocol Udp { get; } = Port(273, "udp");

    /// <summary>Dead, read only.</summary>
    public static MultiaddressProtocol P2PWebRtcStar { get; } = Mark(275, "p2p-webrtc-star");

    /// <summary>Dead, read only.</summary>
    public static MultiaddressProtocol P2PWebRtcDirect { get; } = Mark(276, "p2p-webrtc-direct");

    /// <summary>Dead, read only.</summary>
    public static MultiaddressProtocol P2PStardust { get; } = Mark(277, "p2p-stardust");

    /// <summary>WebRTC with a certificate hash in the address.</summary>
    public static MultiaddressProtocol WebRtcDirect { get; } = Mark(280, "webrtc-direct");

    /// <summary>WebRTC signalled over a relay.</summary>
    public static MultiaddressProtocol WebRtc { get; } = Mark(281, "webrtc");

    /// <summary>A relay stands before it, the peer behind the relay follows.</summary>
    public static MultiaddressProtocol P2PCircuit { get; } = Mark(290, "p2p-circuit");

    /// <summary>UDT.</summary>
    public static MultiaddressProtocol Udt { get; } = Mark(301, "udt");

    /// <summary>uTP.</summary>
    public static MultiaddressProtocol Utp { get; } = Mark(302, "utp");

    /// <summary>A Unix socket's path; ends the address.</summary>
    public static MultiaddressProtocol Unix { get; } = new(400, "unix", Variable, MultiaddressValueKind.UnixPath, "%2Ftmp%2Fsocket");

    /// <summary>A peer id; <c>ipfs</c> is read as the same.</summary>
    public static MultiaddressProtocol P2P { get; } =
        new(421, "p2p", Variable, MultiaddressValueKind.PeerId, "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5");

    /// <summary>Dead: now <c>/tls/http</c>.</summary>
    public static MultiaddressProtocol Https { get; } = Mark(443, "https");

    /// <summary>A Tor service of version 2 and its port.</summary>
    public static MultiaddressProtocol Onion { get; } = new(444, "onion", 12, MultiaddressValueKind.Onion, "aaimaq4ygg2iegci:80");

    /// <summary>A Tor service of version 3 and its port.</summary>
    public static MultiaddressProtocol Onion3 { get; } =
        new(445, "onion3", 37, MultiaddressValueKind.Onion3, "vww6ybal4bd7szmgncyruucpgfkqahzddi37ktceo3ah7ngmcopnpyyd:1234");

    /// <summary>An I2P destination.</summary>
    public static MultiaddressProtocol Garlic64 { get; } =
        new(446, "garlic64", Variable, MultiaddressValueKind.Garlic64, "(516 or more of I2P's base64)");

    /// <summary>An I2P name hash.</summary>
    public static MultiaddressProtocol Garlic32 { get; } =
        new(447, "garlic32", Variable, MultiaddressValueKind.Garlic32, "566niximlxdzpanmn4qouucvua3k7neniwss47li5r6ugoertzuq");

    /// <summary>TLS.</summary>
    public static MultiaddressProtocol Tls { get; } = Mark(448, "tls");

    /// <summary>The server name a TLS client names.</summary>
    public static MultiaddressProtocol Sni { get; } = new(449, "sni", Variable, MultiaddressValueKind.Name, Host);

    /// <summary>Noise.</summary>
    public static MultiaddressProtocol Noise { get; } = Mark(454, "noise");

    /// <summary>Dead: QUIC draft 29.</summary>
    public static MultiaddressProtocol Quic { get; } = Mark(460, "quic");

    /// <summary>QUIC version 1.</summary>
    public static MultiaddressProtocol QuicV1 { get; } = Mark(461, "quic-v1");

    /// <summary>WebTransport.</summary>
    public static MultiaddressProtocol WebTransport { get; } = Mark(465, "webtransport");

    /// <summary>The hash of a certificate the peer may show; may repeat.</summary>
    public static MultiaddressProtocol CertHash { get; } =
        new(466, "certhash", Variable, MultiaddressValueKind.CertHash, "uEiAkH5a4DPGKUuOBjYw0CgwjvcJCJMD2K_1aluKR_tpevQ");

    /// <summary>WebSocket.</summary>
    public static MultiaddressProtocol Ws { get; } = Mark(477, "ws");

    /// <summary>WebSocket over TLS: as <c>/tls/ws</c>.</summary>
    public static MultiaddressProtocol Wss { get; } = Mark(478, "wss");

    /// <summary>Dead, read only.</summary>
    public static MultiaddressProtocol P2PWebSocketStar { get; } = Mark(479, "p2p-websocket-star");

    /// <summary>HTTP.</summary>
    public static MultiaddressProtocol Http { get; } = Mark(480, "http");

    /// <summary>The path of an HTTP resource.</summary>
    public static MultiaddressProtocol HttpPath { get; } = new(481, "http-path", Variable, MultiaddressValueKind.HttpPath, "foo%2Fbar");

    /// <summary>
    /// An endpoint inside the process. Implementations disagree about its binary form (ours is go's), so it stays off the wire.
    /// </summary>
    public static MultiaddressProtocol Memory { get; } = new(777, "memory", 8, MultiaddressValueKind.UInt64, "1234");

    // MA-021

    /// <summary>MsgNet: only reliable lanes are dialled.</summary>
    public static MultiaddressProtocol Msp { get; } = Mark(0x300000, "msp");

    /// <summary>MsgNet: a Serval identity (SID) on the MDP mesh.</summary>
    public static MultiaddressProtocol Mdp { get; } = new(
        0x300001, "mdp", 32, MultiaddressValueKind.Sid, "8A88E3DD7409F195FD52DB2D3CBA5D72CA6709BF1D94121BF3748801B40F6F5C");

    /// <summary>MsgNet: an MDP port.</summary>
    public static MultiaddressProtocol MdpPort { get; } = new(0x300002, "mdpport", 4, MultiaddressValueKind.UInt32, "4001");

    /// <summary>MsgNet: datagrams without the seal.</summary>
    public static MultiaddressProtocol Plain { get; } = Mark(0x300003, "plain");

    /// <summary>libp2p's test security without any.</summary>
    public static MultiaddressProtocol PlainTextV2 { get; } = Mark(7367777, "plaintextv2");

    /// <summary>The whole table, by ascending code.</summary>
    public static IReadOnlyList<MultiaddressProtocol> All { get; } =
    [
        Ip4, Tcp, Dccp, Ip6, Ip6Zone, IpCidr, Dns, Dns4, Dns6, DnsAddr, Sctp, Udp, P2PWebRtcStar, P2PWebRtcDirect, P2PStardust,
        WebRtcDirect, WebRtc, P2PCircuit, Udt, Utp, Unix, P2P, Https, Onion, Onion3, Garlic64, Garlic32, Tls, Sni, Noise, Quic, QuicV1,
        WebTransport, CertHash, Ws, Wss, P2PWebSocketStar, Http, HttpPath, Memory, Msp, Mdp, MdpPort, Plain, PlainTextV2,
    ];

    private static readonly FrozenDictionary<int, MultiaddressProtocol> ByCode = All.ToFrozenDictionary(protocol => protocol.Code);

    private static readonly FrozenDictionary<string, MultiaddressProtocol> ByName = All
        .Select(protocol => KeyValuePair.Create(protocol.Name, protocol))
        .Append(KeyValuePair.Create("ipfs", P2P)) // MA-012
        .ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, MultiaddressProtocol>.AlternateLookup<ReadOnlySpan<char>> BySpan =
        ByName.GetAlternateLookup<ReadOnlySpan<char>>();

    /// <summary>Finds a protocol by its code.</summary>
    public static bool TryGet(int code, [NotNullWhen(true)] out MultiaddressProtocol? protocol) => ByCode.TryGetValue(code, out protocol);

    /// <summary>Finds a protocol by its name, without slashes; case matters.</summary>
    public static bool TryGet(ReadOnlySpan<char> name, [NotNullWhen(true)] out MultiaddressProtocol? protocol) =>
        BySpan.TryGetValue(name, out protocol);

    private static MultiaddressProtocol Mark(int code, string name) => new(code, name, 0, MultiaddressValueKind.None, "");

    private static MultiaddressProtocol Port(int code, string name) => new(code, name, 2, MultiaddressValueKind.Port, "4001");
}
