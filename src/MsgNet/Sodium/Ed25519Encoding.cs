namespace MsgNet.Sodium;

/// <summary>What libsodium does not check of an encoded Ed25519 point.</summary>
internal static class Ed25519Encoding
{
    /// <summary>True when y, the 255 low bits, is below p = 2²⁵⁵ − 19. Compared bytewise; keys are public, so time may vary.</summary>
    public static bool IsCanonical(ReadOnlySpan<byte> encoded)
    {
        if ((encoded[31] & 0x7F) != 0x7F || encoded[1..31].ContainsAnyExcept((byte)0xFF))
            return true;

        return encoded[0] < 0xED;
    }
}
