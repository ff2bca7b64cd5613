using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// Where a Messi server is or listens: <c>tcp://host:port</c>, <c>tls://host:port</c>, either with <c>?wire=compact</c> behind it, or a
/// multiaddress. A host is a DNS name, an IPv4 address, an IPv6 address in brackets, or, for a server, nothing: every address of the
/// machine. Immutable and safe on any thread.
/// </summary>
public sealed record MessiAddress
{
    private MessiAddress(MessiScheme scheme, string host, int port, MessiWireFormat? wireFormat, Multiaddress? multiaddress)
    {
        Scheme = scheme;
        Host = host;
        Port = port;
        WireFormat = wireFormat;
        Multiaddress = multiaddress;
    }

    /// <summary>What carries the connection.</summary>
    public MessiScheme Scheme { get; }

    /// <summary>The host without brackets; empty for every address of the machine, and with <see cref="MessiScheme.MsgNet"/>.</summary>
    public string Host { get; }

    /// <summary>The port, 1 to 65,535; for a server also 0: a free one.</summary>
    public int Port { get; }

    /// <summary>The wire format that the text asks for; null when it does not.</summary>
    public MessiWireFormat? WireFormat { get; }

    /// <summary>The address of the peer, which ends with its id; null unless <see cref="Scheme"/> is
    /// <see cref="MessiScheme.MsgNet"/>.</summary>
    public Multiaddress? Multiaddress { get; }

    /// <summary>Reads an address.</summary>
    /// <param name="text">The text.</param>
    /// <param name="role">Who uses it: a client needs a host and a port, a server does not listen at a multiaddress.</param>
    /// <exception cref="FormatException">The text is no address for this end; the message says what is wrong and shows a right
    /// one.</exception>
    public static MessiAddress Parse(string text, MessiRole role)
    {
        ArgumentNullException.ThrowIfNull(text);
        return MessiAddressText.TryRead(text, role, out var parts, out var fault)
            ? From(parts)
            : throw new FormatException(fault);
    }

    /// <summary>Reads an address; false when the text is none for this end.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, MessiRole role, [NotNullWhen(true)] out MessiAddress? address)
    {
        address = text is not null && MessiAddressText.TryRead(text, role, out var parts, out _) ? From(parts) : null;
        return address is not null;
    }

    /// <summary>The same address with another port: for a server that asked for a free one and got it.</summary>
    /// <param name="port">0 to 65,535.</param>
    public MessiAddress WithPort(int port)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, ushort.MaxValue, nameof(port));
        return new MessiAddress(Scheme, Host, port, WireFormat, Multiaddress);
    }

    /// <summary>The text, which <see cref="Parse"/> reads again.</summary>
    public override string ToString()
    {
        if (Multiaddress is not null)
            return Multiaddress.ToString();

        var scheme = Scheme == MessiScheme.Tls ? "tls" : "tcp";
        var host = Host.Contains(':', StringComparison.Ordinal) ? $"[{Host}]" : Host;
        var wire = WireFormat switch
        {
            MessiWireFormat.Compact => "?wire=compact",
            MessiWireFormat.Documented => "?wire=documented",
            _ => "",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{scheme}://{host}:{Port}{wire}");
    }

    private static MessiAddress From(MessiAddressParts parts) =>
        new(parts.Scheme, parts.Host, parts.Port, parts.WireFormat, parts.Multiaddress);
}
