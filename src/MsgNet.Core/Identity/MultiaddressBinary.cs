using System.Buffers.Binary;
using System.Text.Unicode;

namespace MsgNet.Core;

/// <summary>Judges binary multiaddresses. Allocates nothing, whatever the bytes.</summary>
internal static class MultiaddressBinary
{
    /// <summary>Components of one address: three times what relays, certificates and names make of the longest in use.</summary>
    public const int ComponentsMax = 32;

    private const int DigestLengthMax = 128;
    private const int OnionHostLength = 10;
    private const int Onion3HostLength = 35;
    private const int Garlic64LengthMin = 386;
    private const int Garlic32Length = 32;
    private const int Garlic32LengthMin = 35;

    // What BaseText.TextLengthMax characters hold, so that every address printed can be read again.
    private const int Garlic64LengthMax = BaseText.TextLengthMax / 4 * 3;
    private const int Garlic32LengthMax = BaseText.TextLengthMax / 8 * 5;

    /// <summary>True when the bytes are one whole, right multiaddress.</summary>
    public static bool IsValid(ReadOnlySpan<byte> address) => Check(address) == MultiaddressFaultKind.None;

    /// <summary>What is wrong with these bytes, if anything.</summary>
    // MA-002, MA-006, MA-007
    public static MultiaddressFaultKind Check(ReadOnlySpan<byte> address)
    {
        if (address.IsEmpty)
            return MultiaddressFaultKind.Empty;
        if (address.Length > Limits.MultiaddressBytesMax)
            return MultiaddressFaultKind.TooLong;

        var reader = new MultiaddressReader(address);
        MultiaddressProtocol? previous = null;
        for (var count = 0; !reader.IsEmpty; count++)
        {
            if (count == ComponentsMax)
                return MultiaddressFaultKind.TooManyComponents;
            if (previous is { IsTerminal: true })
                return MultiaddressFaultKind.PathNotLast;
            if (!reader.TryRead(out var protocol, out var value) || !IsValid(protocol, value))
                return MultiaddressFaultKind.ValueInvalid;

            // MA-014
            if (previous == MultiaddressProtocols.Ip6Zone && protocol != MultiaddressProtocols.Ip6)
                return MultiaddressFaultKind.ZoneWithoutIp6;

            previous = protocol;
        }

        return previous == MultiaddressProtocols.Ip6Zone ? MultiaddressFaultKind.ZoneWithoutIp6 : MultiaddressFaultKind.None;
    }

    /// <summary>
    /// True when <paramref name="value"/>, of the right length if that is fixed, is a value of <paramref name="protocol"/>.
    /// </summary>
    public static bool IsValid(MultiaddressProtocol protocol, ReadOnlySpan<byte> value) => protocol.Kind switch
    {
        MultiaddressValueKind.Name => IsName(value),
        MultiaddressValueKind.UnixPath => value.Length > 1 && value[0] == (byte)'/',
        MultiaddressValueKind.HttpPath => !value.IsEmpty,
        MultiaddressValueKind.PeerId => PeerId.IsMultihash(value), // MA-013
        MultiaddressValueKind.Onion => HasPort(value[OnionHostLength..]),
        MultiaddressValueKind.Onion3 => HasPort(value[Onion3HostLength..]),
        MultiaddressValueKind.Garlic64 => value.Length is >= Garlic64LengthMin and <= Garlic64LengthMax,
        MultiaddressValueKind.Garlic32 => value.Length is Garlic32Length or (>= Garlic32LengthMin and <= Garlic32LengthMax),
        MultiaddressValueKind.CertHash => IsMultihash(value),
        _ => value.Length == protocol.ValueLength,
    };

    /// <summary>True when <paramref name="bytes"/> are one multihash of any function: code, length and that many bytes.</summary>
    public static bool IsMultihash(ReadOnlySpan<byte> bytes)
    {
        var reader = new WireReader(bytes);
        return reader.TryReadUvarint(out _)
            && reader.TryReadUvarint(out var length)
            && length == (ulong)reader.Remaining
            && length is > 0 and <= DigestLengthMax;
    }

    private static bool HasPort(ReadOnlySpan<byte> port) => BinaryPrimitives.ReadUInt16BigEndian(port) != 0;

    // Control characters would let a remote name forge lines of a log; no resolver takes them.
    private static bool IsName(ReadOnlySpan<byte> value) =>
        !value.IsEmpty
        && !value.Contains((byte)'/')
        && value.IndexOfAnyInRange((byte)0x00, (byte)0x1F) < 0
        && !value.Contains((byte)0x7F)
        && Utf8.IsValid(value);
}
