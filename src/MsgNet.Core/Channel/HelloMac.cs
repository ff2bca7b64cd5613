namespace MsgNet.Core;

/// <summary>
/// mac1 of HELLOs to one responder (SEC-024): shows that the sender knows whom it addresses, before anything costly is done. Not a
/// secret, since the responder's key is public.
/// </summary>
/// <remarks>Immutable; as thread-safe as the <see cref="IChannelCrypto"/> it was made with. One BLAKE2b of 40 bytes per HELLO.</remarks>
internal sealed class HelloMac
{
    private readonly IChannelCrypto crypto;
    private readonly byte[] key = new byte[32];

    /// <summary>Derives the key for HELLOs to <paramref name="responderKey"/>, an Ed25519 key.</summary>
    public HelloMac(IChannelCrypto crypto, ReadOnlySpan<byte> responderKey)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        this.crypto = crypto;
        crypto.Hash32("msgnet/1 mac1"u8, responderKey, key);
    }

    /// <summary>Writes mac1 behind the 40 bytes it covers.</summary>
    public void Write(Span<byte> hello) =>
        crypto.Mac(key, hello[..HelloMessage.Mac1Offset], hello[HelloMessage.Mac1Offset..HelloMessage.Mac2Offset]);

    /// <summary>True when the HELLO's mac1 is right.</summary>
    public bool Check(HelloMessage hello)
    {
        Span<byte> expected = stackalloc byte[16];
        crypto.Mac(key, hello.CoveredByMac1, expected);
        return crypto.MacEquals(expected, hello.Mac1);
    }
}
