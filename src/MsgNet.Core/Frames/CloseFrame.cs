using System.Text.Unicode;

namespace MsgNet.Core;

/// <summary>CLOSE: the session ends, and why. Borrowed from the bytes it was read from.</summary>
internal readonly ref struct CloseFrame
{
    /// <summary>Most bytes of text.</summary>
    public const int TextLengthMax = 64;

    private CloseFrame(CloseCode code, ReadOnlySpan<byte> text)
    {
        Code = code;
        Text = text;
    }

    /// <summary>The reason; possibly a number that <see cref="CloseCode"/> does not name.</summary>
    public CloseCode Code { get; }

    /// <summary>The reason for people, UTF-8, at most 64 bytes, possibly empty; the peer's words, so never to be trusted.</summary>
    public ReadOnlySpan<byte> Text { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out CloseFrame frame)
    {
        var reader = new WireReader(body);
        // MP-012, MP-061
        var valid = reader.TryReadUInt16BigEndian(out var code) && IsText(reader.Rest);
        frame = valid ? new CloseFrame((CloseCode)code, reader.Rest) : default;
        return valid;
    }

    internal static bool IsText(ReadOnlySpan<byte> text) => text.Length <= TextLengthMax && Utf8.IsValid(text);
}
