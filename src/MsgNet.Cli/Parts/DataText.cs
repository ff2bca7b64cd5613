using System.Globalization;
using System.Text;

namespace MsgNet.Cli;

/// <summary>Bytes as people can see them: text when it is printable UTF-8, else base64. CLI-011.</summary>
/// <param name="Text">The text, or null.</param>
/// <param name="Base64">The bytes, or null when there is a text.</param>
internal readonly record struct DataText(string? Text, string? Base64)
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static DataText Of(ReadOnlySpan<byte> data) =>
        TryDecode(data, out var text) ? new DataText(text, null) : new DataText(null, Convert.ToBase64String(data));

    /// <summary>In one line of a terminal.</summary>
    public override string ToString() =>
        Text?.Replace("\r", "\\r", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal) ?? $"base64:{Base64}";

    private static bool TryDecode(ReadOnlySpan<byte> data, out string text)
    {
        text = "";
        try
        {
            text = Strict.GetString(data);
        }
        catch (DecoderFallbackException)
        {
            return false;
        }

        foreach (var rune in text.EnumerateRunes())
        {
            if (!IsPrintable(rune))
                return false;
        }

        return true;
    }

    // Escape sequences and the marks that turn the writing direction could forge what a terminal shows.
    private static bool IsPrintable(Rune rune) => rune.Value is '\t' or '\n' or '\r'
        || (Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.OtherNotAssigned
                or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator)
            && rune.Value is not ((>= 0x202A and <= 0x202E) or (>= 0x2066 and <= 0x2069)));
}
