using System.Collections.ObjectModel;
using System.Diagnostics.CodeAnalysis;
using System.Net;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Where a peer can be reached, as a list of protocols from the outside in: <c>/ip4/192.0.2.1/udp/4001</c>. Converts from <see
/// cref="string"/>.
/// </summary>
/// <remarks>
/// Immutable and safe on any thread. Never empty. At most 4,096 bytes and 32 components.
/// Two addresses are equal when their binary forms are.
/// </remarks>
public sealed class Multiaddress : IEquatable<Multiaddress>, ISpanParsable<Multiaddress>, ISpanFormattable
{
    private readonly byte[] bytes;
    private readonly int hash;

    // Both are made on demand and the same whoever makes them, so a race costs an allocation and nothing else.
    private ReadOnlyCollection<MultiaddressComponent>? components;
    private string? text;

    private Multiaddress(ReadOnlySpan<byte> valid)
    {
        bytes = valid.ToArray();
        var code = default(HashCode);
        code.AddBytes(valid);
        hash = code.ToHashCode();
    }

    /// <summary>Length of the binary form, 1 to 4,096 bytes.</summary>
    public int Length => bytes.Length;

    /// <summary>The protocols with their values, outermost first; at least one.</summary>
    public IReadOnlyList<MultiaddressComponent> Components => components ??= ReadComponents();

    /// <summary>The address of a UDP port.</summary>
    /// <param name="address">An IPv4 or IPv6 address; its scope, if any, becomes <c>/ip6zone</c>.</param>
    /// <param name="port">0 to 65,535.</param>
    /// <exception cref="ArgumentException">The address or the port is out of range.</exception>
    public static Multiaddress FromUdpEndPoint(IPAddress address, int port)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, ushort.MaxValue, nameof(port));
        Span<byte> buffer = stackalloc byte[MultiaddressHost.LengthMax];
        var writer = new WireWriter(buffer);
        MultiaddressHost.Write(ref writer, address);
        writer.WriteUvarint((ulong)MultiaddressProtocols.Udp.Code);
        writer.WriteUInt16BigEndian((ushort)port);
        return new Multiaddress(writer.Written);
    }

    /// <summary>Reads the binary form; false for untrusted bytes that are none. Allocates the address alone.</summary>
    public static bool TryFromBytes(ReadOnlySpan<byte> binary, [NotNullWhen(true)] out Multiaddress? result)
    {
        result = MultiaddressBinary.IsValid(binary) ? new Multiaddress(binary) : null;
        return result is not null;
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static Multiaddress Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <summary>Reads the text form. Slashes at the end are ignored; <c>/ipfs</c> is read as <c>/p2p</c>.</summary>
    /// <param name="s">The text.</param>
    /// <param name="provider">Ignored: addresses look the same in every culture.</param>
    /// <exception cref="FormatException">The text is no address; the message names the wrong component and shows a right one.</exception>
    public static Multiaddress Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null)
    {
        Span<byte> buffer = stackalloc byte[Limits.MultiaddressBytesMax];
        return MultiaddressText.TryParse(s, buffer, out var length, out var fault)
            ? new Multiaddress(buffer[..length])
            : throw new FormatException(fault.Describe(s));
    }

    /// <summary>Reads the text form; false for untrusted text that is none.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, [NotNullWhen(true)] out Multiaddress? result)
    {
        Span<byte> buffer = stackalloc byte[Limits.MultiaddressBytesMax];
        result = MultiaddressText.TryParse(s, buffer, out var length, out _) ? new Multiaddress(buffer[..length]) : null;
        return result is not null;
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Multiaddress?)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, [NotNullWhen(true)] out Multiaddress? result) =>
        TryParse(s.AsSpan(), out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Multiaddress?)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, [MaybeNullWhen(false)] out Multiaddress result) =>
        TryParse(s, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out Multiaddress?)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [MaybeNullWhen(false)] out Multiaddress result) =>
        TryParse(s.AsSpan(), out result);

    /// <summary>Reads the text form; see <see cref="Parse(string, IFormatProvider?)"/>.</summary>
    public static implicit operator Multiaddress(string text) => Parse(text);

    /// <summary>A copy of the binary form.</summary>
    public byte[] ToBytes() => [.. bytes];

    /// <summary>The binary form without a copy; it belongs to the address and must not be changed.</summary>
    public ReadOnlySpan<byte> AsSpan() => bytes;

    /// <summary>Writes the binary form; returns its length, or 0 with nothing written when it does not fit.</summary>
    public int WriteTo(Span<byte> destination) => bytes.AsSpan().TryCopyTo(destination) ? bytes.Length : 0;

    /// <summary>This address with <paramref name="inner"/> behind it, as in <c>/ip4/192.0.2.1/tcp/1</c> and <c>/ws</c>.</summary>
    /// <exception cref="ArgumentException">The whole would be no address: too long, or behind a path.</exception>
    public Multiaddress Encapsulate(Multiaddress inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        return Join(bytes, inner.bytes, nameof(inner));
    }

    /// <summary>
    /// This address without the last occurrence of <paramref name="inner"/> and all behind it; itself when there is none.
    /// </summary>
    /// <returns>The shorter address, or null when nothing is left.</returns>
    public Multiaddress? Decapsulate(Multiaddress inner)
    {
        ArgumentNullException.ThrowIfNull(inner);
        var cut = bytes.Length;
        var reader = new MultiaddressReader(bytes);
        do
        {
            // Only where a component starts: inside one the same bytes are a coincidence.
            if (bytes.AsSpan(reader.Position).StartsWith(inner.bytes))
                cut = reader.Position;
        }
        while (reader.TryRead(out _, out _));

        return Head(cut);
    }

    /// <summary>
    /// This address without the last component of <paramref name="protocol"/> and all behind it; itself when there is none.
    /// </summary>
    /// <returns>The shorter address, or null when nothing is left.</returns>
    public Multiaddress? Decapsulate(MultiaddressProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        var cut = bytes.Length;
        var reader = new MultiaddressReader(bytes);
        for (var start = 0; reader.TryRead(out var found, out _); start = reader.Position)
        {
            if (found == protocol)
                cut = start;
        }

        return Head(cut);
    }

    /// <summary>True when this address begins with all components of <paramref name="outer"/>.</summary>
    public bool StartsWith(Multiaddress outer)
    {
        ArgumentNullException.ThrowIfNull(outer);

        // Each component says where it ends, so a prefix of the bytes that is an address ends where a component does.
        return bytes.AsSpan().StartsWith(outer.bytes);
    }

    /// <summary>Finds the first component of <paramref name="protocol"/>.</summary>
    public bool TryGet(MultiaddressProtocol protocol, out MultiaddressComponent component)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        var reader = new MultiaddressReader(bytes);
        while (reader.TryRead(out var found, out var value))
        {
            if (found != protocol)
                continue;

            component = new MultiaddressComponent(found, bytes.AsMemory(reader.Position - value.Length, value.Length));
            return true;
        }

        component = default;
        return false;
    }

    /// <summary>
    /// The peer this address ends with; false when it ends otherwise, as <c>…/p2p/R/p2p-circuit</c> does, where R is only the relay.
    /// </summary>
    public bool TryGetPeerId(out PeerId peer)
    {
        peer = default;
        var (protocol, start) = Last();
        if (protocol != MultiaddressProtocols.P2P)
            return false;

        var reader = new MultiaddressReader(bytes.AsSpan(start));
        return reader.TryRead(out _, out var value) && PeerId.TryFromMultihash(value, out peer);
    }

    /// <summary>This address ending with <paramref name="peer"/>, in place of the peer it ended with, if any.</summary>
    /// <exception cref="ArgumentException">The id is empty, or the address cannot take it: too long, or it ends with a path.</exception>
    public Multiaddress WithPeerId(PeerId peer)
    {
        if (peer.IsEmpty)
            throw new ArgumentException("The empty peer id cannot stand in an address: pass the id of a peer.", nameof(peer));

        Span<byte> suffix = stackalloc byte[PeerId.MultihashLengthMax + 2 * Uvarint.LengthMax];
        var writer = new WireWriter(suffix);
        writer.WriteUvarint((ulong)MultiaddressProtocols.P2P.Code);
        writer.WriteUvarint((ulong)peer.Multihash.Length);
        writer.WriteBytes(peer.Multihash);
        var (protocol, start) = Last();
        var head = protocol == MultiaddressProtocols.P2P ? bytes.AsSpan(0, start) : bytes;
        return Join(head, writer.Written, nameof(peer));
    }

    /// <summary>This address without the peer it ends with; itself when it ends otherwise.</summary>
    /// <returns>The address, or null when it is nothing but a peer.</returns>
    public Multiaddress? WithoutPeerId()
    {
        var (protocol, start) = Last();
        return protocol == MultiaddressProtocols.P2P ? Head(start) : this;
    }

    /// <summary>
    /// Reads a beginning of <c>/ip4/A/udp/N</c> or <c>/ip6/A/udp/N</c>; what follows decides which protocol is spoken there.
    /// A numeric <c>/ip6zone</c> becomes the scope. False for anything else, and for a zone with a name, which only the system can resolve.
    /// </summary>
    public bool TryGetUdpEndPoint([NotNullWhen(true)] out IPAddress? address, out int port) =>
        MultiaddressHost.TryReadUdp(bytes, out address, out port);

    /// <summary>
    /// Reads a beginning of <c>/dns</c>, <c>/dns4</c>, <c>/dns6</c> or <c>/dnsaddr</c>: a name to resolve before anything is dialled.
    /// </summary>
    public bool TryGetDns([NotNullWhen(true)] out string? name, [NotNullWhen(true)] out MultiaddressProtocol? protocol)
    {
        var first = Components[0];
        protocol = MultiaddressHost.IsDns(first.Protocol) ? first.Protocol : null;
        name = protocol is null ? null : first.Value;
        return protocol is not null;
    }

    /// <summary>
    /// This address with <paramref name="address"/> in place of the <c>/dns</c>, <c>/dns4</c> or <c>/dns6</c> name it begins with.
    /// </summary>
    /// <exception cref="InvalidOperationException">It does not begin with such a name.</exception>
    public Multiaddress WithResolved(IPAddress address)
    {
        ArgumentNullException.ThrowIfNull(address);
        var first = Components[0];
        if (!MultiaddressHost.IsDns(first.Protocol) || first.Protocol == MultiaddressProtocols.DnsAddr)
            throw new InvalidOperationException($"{this} begins with no host name: check TryGetDns first.");

        Span<byte> buffer = stackalloc byte[MultiaddressHost.LengthMax];
        var writer = new WireWriter(buffer);
        MultiaddressHost.Write(ref writer, address);
        var reader = new MultiaddressReader(bytes);
        reader.TryRead(out _, out _);
        return Join(writer.Written, bytes.AsSpan(reader.Position), nameof(address));
    }

    /// <summary>The canonical text form, built once.</summary>
    public override string ToString() => text ??= MultiaddressText.Format(bytes);

    /// <inheritdoc cref="ToString()"/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>Writes the text form; false, with nothing written, when it does not fit.</summary>
    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        var whole = ToString();
        charsWritten = whole.TryCopyTo(destination) ? whole.Length : 0;
        return charsWritten == whole.Length;
    }

    /// <summary>True for the same binary form.</summary>
    public bool Equals([NotNullWhen(true)] Multiaddress? other) => // MA-005
        ReferenceEquals(this, other) || (other is not null && hash == other.hash && bytes.AsSpan().SequenceEqual(other.bytes));

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => Equals(obj as Multiaddress);

    /// <summary>A hash computed once per address, seeded differently in every process.</summary>
    public override int GetHashCode() => hash;

    /// <summary>Equality of binary forms.</summary>
    public static bool operator ==(Multiaddress? left, Multiaddress? right) => left is null ? right is null : left.Equals(right);

    /// <summary>Difference of binary forms.</summary>
    public static bool operator !=(Multiaddress? left, Multiaddress? right) => !(left == right);

    private static Multiaddress Join(ReadOnlySpan<byte> head, ReadOnlySpan<byte> tail, string parameter)
    {
        byte[] joined = [.. head, .. tail];
        var kind = MultiaddressBinary.Check(joined);
        if (kind == MultiaddressFaultKind.None)
            return new Multiaddress(joined);

        throw new ArgumentException(new MultiaddressFault(kind).Describe(MultiaddressText.Format(joined)), parameter);
    }

    // The first bytes of this address; a zone is never left behind without the address it belongs to.
    private Multiaddress? Head(int length)
    {
        if (length == bytes.Length)
            return this;

        var reader = new MultiaddressReader(bytes.AsSpan(0, length));
        for (var start = 0; reader.TryRead(out var protocol, out _); start = reader.Position)
        {
            if (reader.IsEmpty && protocol == MultiaddressProtocols.Ip6Zone)
                length = start;
        }

        return length == 0 ? null : new Multiaddress(bytes.AsSpan(0, length));
    }

    private (MultiaddressProtocol? Protocol, int Start) Last()
    {
        var reader = new MultiaddressReader(bytes);
        var last = (Protocol: default(MultiaddressProtocol), Start: 0);
        for (var start = 0; reader.TryRead(out var protocol, out _); start = reader.Position)
            last = (protocol, start);
        return last;
    }

    private ReadOnlyCollection<MultiaddressComponent> ReadComponents()
    {
        var count = 0;
        for (var reader = new MultiaddressReader(bytes); reader.TryRead(out _, out _);)
            count++;

        var read = new MultiaddressComponent[count];
        var walk = new MultiaddressReader(bytes);
        for (var i = 0; i < count && walk.TryRead(out var protocol, out var value); i++)
            read[i] = new MultiaddressComponent(protocol, bytes.AsMemory(walk.Position - value.Length, value.Length));
        return Array.AsReadOnly(read);
    }
}
