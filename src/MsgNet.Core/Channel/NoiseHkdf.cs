namespace MsgNet.Core;

/// <summary>HKDF as Noise uses it: HMAC-SHA-256, no info, two outputs of 32 bytes.</summary>
internal static class NoiseHkdf
{
    /// <summary>Derives two keys. The first output may be the same span as <paramref name="chainingKey"/>.</summary>
    public static void Derive( // SEC-002
        IChannelCrypto crypto, ReadOnlySpan<byte> chainingKey, ReadOnlySpan<byte> inputKey, Span<byte> first, Span<byte> second)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        Span<byte> work = stackalloc byte[32 + 32 + 1];
        var extracted = work[..32];
        var block = work[32..];
        crypto.HmacSha256(chainingKey, inputKey, extracted);
        block[0] = 1;
        crypto.HmacSha256(extracted, block[..1], block[..32]);
        block[..32].CopyTo(first);
        block[32] = 2;
        crypto.HmacSha256(extracted, block, second);
        crypto.Wipe(work);
    }
}
