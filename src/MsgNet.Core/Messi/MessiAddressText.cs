using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using MsgNet.Messi;

namespace MsgNet.Core;

/// <summary>Reads the text of a <see cref="MessiAddress"/>. Pure functions.</summary>
internal static class MessiAddressText
{
    private const int NameMax = 253;
    private const int LabelMax = 63;
    private const int ShownMax = 100;
    private const string Expected = "write it like \"tcp://192.0.2.1:6000\", \"tls://example.org:6000\" or \"tcp://[2001:db8::1]:6000\"";

    private static readonly SearchValues<char> NameCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.");

    /// <summary>False, with a sentence that says what is wrong and what is right, when the text is no address for this end.</summary>
    public static bool TryRead(string text, MessiRole role, out MessiAddressParts parts, [NotNullWhen(false)] out string? fault)
    {
        parts = default;
        var reason = text.Length > Limits.MessiAddressLengthMax
            ? $"it is longer than {Limits.MessiAddressLengthMax} characters; {Expected}"
            : text.StartsWith('/') ? ReadMultiaddress(text, role, out parts) : ReadUri(text, role, out parts);
        // MESSI-057
        fault = reason is null ? null : $"\"{Clip(text)}\" is no address of a Messi {Name(role)}: {reason}.";
        return reason is null;
    }

    // MESSI-056
    private static string? ReadMultiaddress(string text, MessiRole role, out MessiAddressParts parts)
    {
        parts = default;
        if (role == MessiRole.Server)
            return "a server listens at a multiaddress through its message host: give it the host instead of an address";
        if (!Multiaddress.TryParse(text, out var address))
            return "it starts with '/' and is no multiaddress; write it like \"/ip4/192.0.2.1/udp/4001/p2p/12D3Koo…\"";
        if (!address.TryGetPeerId(out _))
            return "it does not say which peer is there; let it end with \"/p2p/\" and the peer's id";

        parts = new MessiAddressParts(MessiScheme.MsgNet, "", 0, null, address);
        return null;
    }

    private static string? ReadUri(ReadOnlySpan<char> text, MessiRole role, out MessiAddressParts parts)
    {
        parts = default;
        MessiScheme scheme;
        // MESSI-051
        if (text.StartsWith("tcp://", StringComparison.Ordinal))
            scheme = MessiScheme.Tcp;
        else if (text.StartsWith("tls://", StringComparison.Ordinal))
            scheme = MessiScheme.Tls;
        else
            return $"it starts with neither \"tcp://\" nor \"tls://\", in lower case; {Expected}";

        var rest = text["tcp://".Length..];
        MessiWireFormat? format = null;
        var question = rest.IndexOf('?');
        if (question >= 0)
        {
            if (!TryReadQuery(rest[(question + 1)..], out var read))
                return "behind '?' stands neither \"wire=documented\" nor \"wire=compact\"";

            format = read;
            rest = rest[..question];
        }

        var hostName = "";
        var number = 0;
        var reason = SplitPort(rest, out var host, out var port)
            ?? CheckPort(port, role, out number)
            ?? ReadHost(host, role, out hostName);
        if (reason is null)
            parts = new MessiAddressParts(scheme, hostName, number, format, null);
        return reason;
    }

    // MESSI-055
    private static bool TryReadQuery(ReadOnlySpan<char> query, out MessiWireFormat format)
    {
        format = query is "wire=compact" ? MessiWireFormat.Compact : MessiWireFormat.Documented;
        return query is "wire=compact" or "wire=documented";
    }

    private static string? SplitPort(ReadOnlySpan<char> text, out ReadOnlySpan<char> host, out ReadOnlySpan<char> port)
    {
        host = port = default;
        // MESSI-053
        var hostEnd = text.StartsWith('[') ? text.IndexOf(']') + 1 : text.IndexOf(':');
        if (text.StartsWith('[') && hostEnd == 0)
            return $"the '[' of an IPv6 address is not closed; {Expected}";
        if (hostEnd < 0 || hostEnd == text.Length || text[hostEnd] != ':')
            return $"no port stands behind the host; {Expected}";

        host = text[..hostEnd];
        port = text[(hostEnd + 1)..];
        return port.Contains(':') && !text.StartsWith('[')
            ? $"more than one ':' stands behind \"://\": an IPv6 address needs brackets; {Expected}"
            : null;
    }

    private static string? CheckPort(ReadOnlySpan<char> text, MessiRole role, out int port)
    {
        // MESSI-054
        if (!ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            port = 0;
            return $"the port is no number up to 65535; {Expected}";
        }

        port = number;
        return port == 0 && role == MessiRole.Client ? $"port 0 is for servers, which get a free one; {Expected}" : null;
    }

    private static string? ReadHost(ReadOnlySpan<char> text, MessiRole role, out string host)
    {
        host = "";
        // MESSI-052
        if (text.IsEmpty)
            return role == MessiRole.Server ? null : $"the host is missing: a client has to know where its server is; {Expected}";
        if (text[0] == '[')
        {
            host = text[1..^1].ToString();
            return IPAddress.TryParse(host, out var address) && address.AddressFamily == AddressFamily.InterNetworkV6
                && host.Contains(':', StringComparison.Ordinal)
                ? null
                : $"no IPv6 address stands between the brackets; {Expected}";
        }

        host = text.ToString();
        return IsHostName(text)
            ? null
            : $"the host is neither a DNS name in ASCII, nor an IPv4 address, nor an IPv6 address in brackets; {Expected}";
    }

    // A name whose last label is a number would be an IPv4 address written in a way that resolvers read differently (RFC 3986, 3.2.2).
    private static bool IsHostName(ReadOnlySpan<char> name)
    {
        if (name.Length > NameMax || name.ContainsAnyExcept(NameCharacters))
            return false;

        var trimmed = name.EndsWith('.') ? name[..^1] : name;
        var last = trimmed[(trimmed.LastIndexOf('.') + 1)..];
        if (!last.IsEmpty && !last.ContainsAnyExceptInRange('0', '9'))
            return IsIPv4(name);

        foreach (var label in trimmed.Split('.'))
        {
            if (trimmed[label].Length is < 1 or > LabelMax)
                return false;
        }

        return true;
    }

    // Four decimal numbers; the system's parser takes octal, hexadecimal and fewer parts besides.
    private static bool IsIPv4(ReadOnlySpan<char> text)
    {
        var count = 0;
        foreach (var range in text.Split('.'))
        {
            var part = text[range];
            if (!byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out _) || (part.Length > 1 && part[0] == '0'))
                return false;

            count++;
        }

        return count == 4;
    }

    private static string Name(MessiRole role) => role == MessiRole.Client ? "client" : "server";

    private static string Clip(string text) => text.Length <= ShownMax ? text : $"{text[..ShownMax]}…";
}
