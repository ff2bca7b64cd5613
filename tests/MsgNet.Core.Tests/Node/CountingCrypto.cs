namespace MsgNet.Core.Tests.Node;

/// <summary>Passes everything on, and counts what costs.</summary>
internal sealed class CountingCrypto(IChannelCrypto inner) : IChannelCrypto
{
    /// <summary>X25519 with the node's identity: es, then ss.</summary>
    public int Agreements { get; private set; }

    /// <summary>Conversions of a remote key: just before ss.</summary>
    public int Conversions { get; private set; }

    /// <summary>Key pairs made: for ee and se.</summary>
    public int Ephemerals { get; private set; }

    /// <summary>Keyed hashes: mac1, mac2, cookies.</summary>
    public int Macs { get; private set; }

    public ReadOnlySpan<byte> PublicKey => inner.PublicKey;

    public bool HasAes256Gcm => inner.HasAes256Gcm;

    /// <summary>Agreements, conversions and key pairs since the last call.</summary>
    public (int Agreements, int Conversions, int Ephemerals) Take()
    {
        var counted = (Agreements, Conversions, Ephemerals);
        (Agreements, Conversions, Ephemerals, Macs) = (0, 0, 0, 0);
        return counted;
    }

    public bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519)
    {
        Conversions++;
        return inner.TryConvertPublicKey(ed25519, x25519);
    }

    public bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared)
    {
        Agreements++;
        return inner.TryAgreeIdentity(remoteX25519, shared);
    }

    public IEphemeralKey CreateEphemeral()
    {
        Ephemerals++;
        return inner.CreateEphemeral();
    }

    public void Sha256(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> hash32) => inner.Sha256(a, b, hash32);

    public void HmacSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> hash32) => inner.HmacSha256(key, data, hash32);

    public void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac16)
    {
        Macs++;
        inner.Mac(key, data, mac16);
    }

    public void Hash32(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash32) => inner.Hash32(prefix, data, hash32);

    public bool MacEquals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => inner.MacEquals(a, b);

    public void SealHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        inner.SealHandshake(key, nonce, ad, plaintext, ciphertext);

    public bool TryOpenHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        inner.TryOpenHandshake(key, nonce, ad, ciphertext, plaintext);

    public void SealCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        inner.SealCookie(key, nonce24, ad, plaintext, ciphertext);

    public bool TryOpenCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        inner.TryOpenCookie(key, nonce24, ad, ciphertext, plaintext);

    public ISealingKey CreateSealingKey(PacketSuite suite, ReadOnlySpan<byte> key32) => inner.CreateSealingKey(suite, key32);

    public IOpeningKey CreateOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32) => inner.CreateOpeningKey(suite, key32);

    public void Wipe(Span<byte> secret) => inner.Wipe(secret);
}
