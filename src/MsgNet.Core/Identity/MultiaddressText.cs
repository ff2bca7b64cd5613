using System.Text;

namespace MsgNet.Core;

/// <summary>The text of whole multiaddresses: components between slashes to binary and back.</summary>
internal static class MultiaddressText
{
    /// <summary>
    /// Longest text read, in characters: no address within <see cref="Limits.MultiaddressBytesMax"/> prints longer (a path takes
    /// three characters a byte, names of protocols at most twenty for each component), so every address printed can be read again.
    /// </summary>
    // MA-004
    public const int LengthMax = 4 * Limits.MultiaddressBytesMax;

    /// <summary>Reads an address; untrusted text gives false and a fault, never an exception.</summary>
    /// <param name="text">The address.</param>
    /// <param name="destination">Room for <see cref="Limits.MultiaddressBytesMax"/> bytes.</param>
    /// <param name="written">Bytes of the binary form.</param>
    /// <param name="fault">What is wrong when the result is false.</param>
    public static bool TryParse(ReadOnlySpan<char> text, Span<byte> destination, out int written, out MultiaddressFault fault)
    {
        written = 0;
        // MA-003, MA-006
        fault = default;
        if (text.Length > LengthMax)
            return Refuse(out fault, MultiaddressFaultKind.TooLong);
        if (!text.StartsWith('/'))
            return Refuse(out fault, MultiaddressFaultKind.NoLeadingSlash);

        text = text.TrimEnd('/');
        if (text.IsEmpty)
            return Refuse(out fault, MultiaddressFaultKind.Empty);

        var writer = new WireWriter(destination);
        for (var position = 0; position < text.Length;)
        {
            if (!TryParseComponent(text, ref position, ref writer, out fault))
                return false;
        }

        if (writer.Overflowed)
            return Refuse(out fault, MultiaddressFaultKind.TooLong);

        // What spans components; each value has been judged on its way in.
        var kind = MultiaddressBinary.Check(writer.Written);
        if (kind != MultiaddressFaultKind.None)
            return Refuse(out fault, kind);

        written = writer.Position;
        return true;
    }

    /// <summary>Writes a valid binary address as text.</summary>
    public static string Format(ReadOnlySpan<byte> address)
    {
        var builder = new StringBuilder();
        var reader = new MultiaddressReader(address);
        while (reader.TryRead(out var protocol, out var value))
        {
            builder.Append('/').Append(protocol.Name);
            if (protocol.HasValue)
                builder.Append('/').Append(MultiaddressValueText.Format(protocol, value));
        }

        return builder.ToString();
    }

    // position stands on the slash before a name, and ends on the slash after the component or at the end.
    private static bool TryParseComponent(
        scoped ReadOnlySpan<char> text, ref int position, scoped ref WireWriter writer, out MultiaddressFault fault)
    {
        fault = default;
        var nameStart = position + 1;
        var nameEnd = EndOfSegment(text, nameStart);
        if (!MultiaddressProtocols.TryGet(text[nameStart..nameEnd], out var protocol))
        {
            fault = new MultiaddressFault(MultiaddressFaultKind.UnknownProtocol, nameStart, nameEnd - nameStart);
            return false;
        }

        position = nameEnd;
        writer.WriteUvarint((ulong)protocol.Code);
        if (!protocol.HasValue)
            return true;

        if (nameEnd == text.Length)
        {
            fault = new MultiaddressFault(MultiaddressFaultKind.ValueMissing, nameStart, nameEnd - nameStart, protocol);
            return false;
        }

        var start = nameEnd + 1;
        position = protocol.IsTerminal ? text.Length : EndOfSegment(text, start);
        Span<byte> value = stackalloc byte[Limits.MultiaddressBytesMax];
        if (!MultiaddressValueText.TryParse(protocol, text[start..position], value, out var length))
        {
            fault = new MultiaddressFault(MultiaddressFaultKind.ValueInvalid, start, position - start, protocol);
            return false;
        }

        if (protocol.ValueLength == MultiaddressProtocol.VariableLength)
            writer.WriteUvarint((ulong)length);
        writer.WriteBytes(value[..length]);
        return true;
    }

    private static int EndOfSegment(ReadOnlySpan<char> text, int start)
    {
        var length = text[start..].IndexOf('/');
        return length < 0 ? text.Length : start + length;
    }

    private static bool Refuse(out MultiaddressFault fault, MultiaddressFaultKind kind)
    {
        fault = new MultiaddressFault(kind);
        return false;
    }
}
