using System.Buffers;
using System.Buffers.Binary;
using System.Buffers.Text;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Unicode;

namespace MsgNet.Core;

/// <summary>The text of one multiaddress value, to binary and back.</summary>
internal static class MultiaddressValueText
{
    private const int EscapeLength = 3;
    private const int Ip6Groups = 8;
    private const int Onion3HostLength = 35;
    private const int OnionHostLength = 10;
    private const int PortLength = 2;
    private const int SidLength = 32;

    private static readonly SearchValues<char> Ip6Characters = SearchValues.Create("0123456789abcdefABCDEF:.");

    // What go's url.PathEscape leaves as it is, so that both print the same address.
    private static readonly SearchValues<byte> PathBytes =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~$&+=:@"u8);

    /// <summary>Reads a value; untrusted text gives false, never an exception.</summary>
    /// <param name="protocol">The protocol before it.</param>
    /// <param name="text">The text after the slash.</param>
    /// <param name="destination">Room for <see cref="Limits.MultiaddressBytesMax"/> bytes.</param>
    /// <param name="written">Bytes of the value.</param>
    public static bool TryParse(MultiaddressProtocol protocol, ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = Math.Max(protocol.ValueLength, 0);
        var read = protocol.Kind switch
        {
            MultiaddressValueKind.Ip4 => TryParseIp4(text, destination),
            MultiaddressValueKind.Ip6 => TryParseIp6(text, destination),
            MultiaddressValueKind.Port => TryParsePort(text, destination),
            MultiaddressValueKind.Byte => TryParseByte(text, destination),
            MultiaddressValueKind.UInt32 => TryParseUInt32(text, destination),
            MultiaddressValueKind.UInt64 => TryParseUInt64(text, destination),
            MultiaddressValueKind.Name => TryParseUtf8(text, destination, out written),
            MultiaddressValueKind.UnixPath => TryParseUnixPath(text, destination, out written),
            MultiaddressValueKind.HttpPath => TryParsePercent(text, destination, out written),
            MultiaddressValueKind.PeerId => TryParsePeerId(text, destination, out written),
            MultiaddressValueKind.Onion => TryParseOnion(text, OnionHostLength, destination),
            MultiaddressValueKind.Onion3 => TryParseOnion(text, Onion3HostLength, destination),
            MultiaddressValueKind.Garlic64 => BaseText.TryDecodeI2PBase64(text, destination, out written),
            MultiaddressValueKind.Garlic32 => BaseText.TryDecodeBase32(text, destination, out written),
            MultiaddressValueKind.CertHash => BaseText.TryDecodeMultibase(text, destination, out written),
            MultiaddressValueKind.Sid => TryParseSid(text, destination),
            _ => false,
        };
        return read && MultiaddressBinary.IsValid(protocol, destination[..written]);
    }

    /// <summary>Writes a valid value as text; empty for a protocol without one.</summary>
    public static string Format(MultiaddressProtocol protocol, ReadOnlySpan<byte> value) => protocol.Kind switch
    {
        MultiaddressValueKind.Ip4 => new IPAddress(value).ToString(),
        MultiaddressValueKind.Ip6 => FormatIp6(value),
        MultiaddressValueKind.Port => Decimal(BinaryPrimitives.ReadUInt16BigEndian(value)),
        MultiaddressValueKind.Byte => Decimal(value[0]),
        MultiaddressValueKind.UInt32 => Decimal(BinaryPrimitives.ReadUInt32BigEndian(value)),
        MultiaddressValueKind.UInt64 => Decimal(BinaryPrimitives.ReadUInt64BigEndian(value)),
        MultiaddressValueKind.Name => Encoding.UTF8.GetString(value),
        MultiaddressValueKind.UnixPath or MultiaddressValueKind.HttpPath => FormatPercent(value),
        MultiaddressValueKind.PeerId => BaseText.Base58Of(value),
        MultiaddressValueKind.Onion or MultiaddressValueKind.Onion3 =>
            $"{BaseText.Base32Of(value[..^PortLength])}:{Decimal(BinaryPrimitives.ReadUInt16BigEndian(value[^PortLength..]))}",
        MultiaddressValueKind.Garlic64 => BaseText.I2PBase64Of(value),
        MultiaddressValueKind.Garlic32 => BaseText.Base32Of(value),
        MultiaddressValueKind.CertHash => "u" + Base64Url.EncodeToString(value),
        MultiaddressValueKind.Sid => Convert.ToHexString(value),
        _ => "",
    };

    private static string Decimal(ulong value) => value.ToString(CultureInfo.InvariantCulture);

    // IPAddress also reads octal, hexadecimal and short forms, which other implementations read differently or not at all.
    private static bool TryParseIp4(ReadOnlySpan<char> text, Span<byte> destination)
    {
        Span<char> again = stackalloc char[15];
        return IPAddress.TryParse(text, out var address)
            && address.AddressFamily == AddressFamily.InterNetwork
            && address.TryFormat(again, out var length)
            && text.SequenceEqual(again[..length])
            && address.TryWriteBytes(destination, out _);
    }

    // The characters exclude zones, prefixes, brackets and ports, which IPAddress also reads.
    private static bool TryParseIp6(ReadOnlySpan<char> text, Span<byte> destination) =>
        !text.ContainsAnyExcept(Ip6Characters)
        && IPAddress.TryParse(text, out var address)
        && address.AddressFamily == AddressFamily.InterNetworkV6
        && address.TryWriteBytes(destination, out _);

    // MA-015
    private static bool TryParsePort(ReadOnlySpan<char> text, Span<byte> destination) =>
        ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        && BinaryPrimitives.TryWriteUInt16BigEndian(destination, port);

    private static bool TryParseByte(ReadOnlySpan<char> text, Span<byte> destination) =>
        byte.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out destination[0]);

    private static bool TryParseUInt32(ReadOnlySpan<char> text, Span<byte> destination) =>
        uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && BinaryPrimitives.TryWriteUInt32BigEndian(destination, number);

    private static bool TryParseUInt64(ReadOnlySpan<char> text, Span<byte> destination) =>
        ulong.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
        && BinaryPrimitives.TryWriteUInt64BigEndian(destination, number);

    private static bool TryParseUtf8(ReadOnlySpan<char> text, Span<byte> destination, out int written) =>
        Utf8.FromUtf16(text, destination, out _, out written, replaceInvalidSequences: false) == OperationStatus.Done;

    // MA-016: go writes the path as it is (/unix/tmp/s), js as one percent-encoded segment (/unix/%2Ftmp%2Fs). Both are read, the second is
    // written:
    // it is one component, and says where it ends.
    private static bool TryParseUnixPath(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        if (text.StartsWith("%2F", StringComparison.OrdinalIgnoreCase) && !text.Contains('/'))
            return TryParsePercent(text, destination, out written);

        destination[0] = (byte)'/';
        var read = TryParseUtf8(text, destination[1..], out written);
        written++;
        return read;
    }

    private static bool TryParsePercent(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        while (!text.IsEmpty)
        {
            var plain = text.IndexOf('%') is var percent and >= 0 ? text[..percent] : text;
            if (!TryParseUtf8(plain, destination[written..], out var count))
                return false;

            written += count;
            text = text[plain.Length..];
            if (text.IsEmpty)
                break;
            if (text.Length < EscapeLength || written == destination.Length)
                return false;
            if (!TryReadHexByte(text[1..EscapeLength], out destination[written]))
                return false;

            written++;
            text = text[EscapeLength..];
        }

        return true;
    }

    private static bool TryReadHexByte(ReadOnlySpan<char> digits, out byte value) =>
        byte.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value);

    private static bool TryParsePeerId(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (!PeerId.TryParse(text, out var peer))
            return false;

        written = peer.Multihash.Length;
        return peer.Multihash.TryCopyTo(destination);
    }

    private static bool TryParseOnion(ReadOnlySpan<char> text, int hostLength, Span<byte> destination)
    {
        var colon = text.IndexOf(':');
        return colon > 0
            && BaseText.TryDecodeBase32(text[..colon], destination, out var written)
            && written == hostLength
            && TryParsePort(text[(colon + 1)..], destination[hostLength..]);
    }

    private static bool TryParseSid(ReadOnlySpan<char> text, Span<byte> destination) =>
        text.Length == 2 * SidLength
        && Convert.FromHexString(text, destination, out _, out _) == OperationStatus.Done;

    // RFC 5952. IPAddress prints dotted decimal inside more than mapped addresses (::1.2.3.4, ISATAP), as go and js do not.
    private static string FormatIp6(ReadOnlySpan<byte> value)
    {
        var address = new IPAddress(value);
        if (address.IsIPv4MappedToIPv6)
            return address.ToString();

        var (zeroStart, zeroLength) = LongestZeroRun(value);
        var builder = new StringBuilder(39);
        for (var group = 0; group < Ip6Groups; group++)
        {
            if (group == zeroStart)
            {
                builder.Append("::");
                group += zeroLength - 1;
                continue;
            }

            if (group > 0 && builder[^1] != ':')
                builder.Append(':');
            builder.Append(CultureInfo.InvariantCulture, $"{BinaryPrimitives.ReadUInt16BigEndian(value[(2 * group)..]):x}");
        }

        return builder.ToString();
    }

    // The first of the longest runs of at least two zero groups; (-1, 1) when there is none.
    private static (int Start, int Length) LongestZeroRun(ReadOnlySpan<byte> value)
    {
        var longest = (Start: -1, Length: 1);
        for (var start = 0; start < Ip6Groups; start++)
        {
            var end = start;
            while (end < Ip6Groups && BinaryPrimitives.ReadUInt16BigEndian(value[(2 * end)..]) == 0)
                end++;
            if (end - start > longest.Length)
                longest = (start, end - start);
        }

        return longest;
    }

    private static string FormatPercent(ReadOnlySpan<byte> value)
    {
        var builder = new StringBuilder(value.Length);
        foreach (var unit in value)
        {
            if (PathBytes.Contains(unit))
                builder.Append((char)unit);
            else
                builder.Append(CultureInfo.InvariantCulture, $"%{unit:X2}");
        }

        return builder.ToString();
    }
}
