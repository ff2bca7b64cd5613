using System.Buffers;
using System.Buffers.Text;
using System.Text;
using SimpleBase;

namespace MsgNet.Core;

/// <summary>
/// Bytes as text in the bases that peer ids and addresses use. Decoding is strict: only the text that encoding the result gives back is
/// accepted, so one value has one text per base. Nothing here throws on untrusted text or allocates while decoding.
/// </summary>
internal static class BaseText
{
    /// <summary>
    /// Longest text decoded by <see cref="TryDecodeMultibase"/> and <see cref="TryDecodeBase58"/>: base58 takes quadratic time.
    /// </summary>
    public const int MultibaseLengthMax = 280;

    /// <summary>Longest text decoded in the other bases, which take linear time but stack space.</summary>
    public const int TextLengthMax = 4_096;

    private static readonly SearchValues<char> LettersAndDigits =
        SearchValues.Create("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

    /// <summary>Decodes base58btc without a multibase prefix.</summary>
    public static bool TryDecodeBase58(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        return text.Length <= MultibaseLengthMax && TryDecode(Base58.Bitcoin, text, destination, out written);
    }

    /// <summary>
    /// Decodes multibase text: base16 (f, F), base32 (b, B), base36 (k, K), base58btc (z) or base64url (u), all unpadded.
    /// </summary>
    public static bool TryDecodeMultibase(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.Length is < 2 or > MultibaseLengthMax)
            return false;

        var body = text[1..];
        return text[0] switch
        {
            'b' => TryDecode(Base32.FileCoin, body, destination, out written),
            'B' => TryDecode(Base32.Rfc4648, body, destination, out written),
            'k' => TryDecode(Base36.LowerCase, body, destination, out written),
            'K' => TryDecode(Base36.UpperCase, body, destination, out written),
            'f' => TryDecode(Base16.LowerCase, body, destination, out written),
            'F' => TryDecode(Base16.UpperCase, body, destination, out written),
            'z' => TryDecode(Base58.Bitcoin, body, destination, out written),
            'u' => TryDecodeBase64Url(body, destination, out written),
            _ => false,
        };
    }

    /// <summary>Decodes unpadded RFC 4648 base32 in either case, without a multibase prefix.</summary>
    public static bool TryDecodeBase32(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.Length > TextLengthMax)
            return false;

        Span<char> lower = stackalloc char[text.Length];
        return Ascii.ToLower(text, lower, out _) == OperationStatus.Done && TryDecode(Base32.FileCoin, lower, destination, out written);
    }

    /// <summary>Decodes padded base64 in I2P's alphabet, where <c>-</c> and <c>~</c> stand for <c>+</c> and <c>/</c>.</summary>
    public static bool TryDecodeI2PBase64(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.Length > TextLengthMax || text.ContainsAny('+', '/'))
            return false;

        Span<char> standard = stackalloc char[text.Length];
        text.CopyTo(standard);
        standard.Replace('-', '+');
        standard.Replace('~', '/');
        if (!Convert.TryFromBase64Chars(standard, destination, out written))
            return false;

        Span<char> again = stackalloc char[text.Length];
        return Convert.TryToBase64Chars(destination[..written], again, out var length) && standard.SequenceEqual(again[..length]);
    }

    /// <summary>Encodes base58btc without a multibase prefix.</summary>
    public static string Base58Of(ReadOnlySpan<byte> bytes) => Base58.Bitcoin.Encode(bytes);

    /// <summary>Encodes unpadded lower-case base32 without a multibase prefix.</summary>
    public static string Base32Of(ReadOnlySpan<byte> bytes) => Base32.FileCoin.Encode(bytes);

    /// <summary>Encodes padded base64 in I2P's alphabet.</summary>
    public static string I2PBase64Of(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes).Replace('+', '-').Replace('/', '~');

    // SimpleBase throws on characters above its tables (DEL is one) and on short destinations, and stops early on others: so letters and
    // digits in, room for the worst case (no base here decodes to more bytes than characters), and the way back must give the same text.
    private static bool TryDecode(INonAllocatingBaseCoder coder, ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        written = 0;
        if (text.IsEmpty || text.ContainsAnyExcept(LettersAndDigits))
            return false;

        Span<byte> bytes = stackalloc byte[text.Length + 8];
        if (!coder.TryDecode(text, bytes, out var length) || length > destination.Length)
            return false;

        Span<char> again = stackalloc char[coder.GetSafeCharCountForEncoding(bytes[..length])];
        if (!coder.TryEncode(bytes[..length], again, out var count) || !text.SequenceEqual(again[..count]))
            return false;

        bytes[..length].CopyTo(destination);
        written = length;
        return true;
    }

    private static bool TryDecodeBase64Url(ReadOnlySpan<char> text, Span<byte> destination, out int written)
    {
        if (Base64Url.DecodeFromChars(text, destination, out _, out written) != OperationStatus.Done)
            return false;

        Span<char> again = stackalloc char[Base64Url.GetEncodedLength(written)];
        return Base64Url.TryEncodeToChars(destination[..written], again, out var count) && text.SequenceEqual(again[..count]);
    }
}
