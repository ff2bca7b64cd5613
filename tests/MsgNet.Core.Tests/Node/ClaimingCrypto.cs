namespace MsgNet.Core.Tests.Node;

/// <summary>
/// The cryptography of somebody who says it is somebody else: another's public key, its own private one. What two keys agree to can be
/// computed from either: who has stolen the receiver's key knows the ss of everybody it claims to be.
/// </summary>
internal sealed class ClaimingCrypto(IChannelCrypto own, byte[] claimed) : IChannelCrypto
{
    public ReadOnlySpan<byte> PublicKey => claimed;

    public bool HasAes256Gcm => own.HasAes256Gcm;

    public bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519) => own.TryConvertPublicKey(ed25519, x25519);

    public bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared)
    {
        Span<byte> key = stackalloc byte[32];
        var isOwn = own.TryConvertPublicKey(own.PublicKey, key) && key.SequenceEqual(remoteX25519);
        return isOwn && own.TryConvertPublicKey(claimed, key)
            ? own.TryAgreeIdentity(key, shared)
            : own.TryAgreeIdentity(remoteX25519, shared);
    }

    public IEphemeralKey CreateEphemeral() => own.CreateEphemeral();

    public void Sha256(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> hash32) => own.Sha256(a, b, hash32);

    public void HmacSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> hash32) => own.HmacSha256(key, data, hash32);

    public void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac16) => own.Mac(key, data, mac16);

    public void Hash32(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash32) => own.Hash32(prefix, data, hash32);

    public bool MacEquals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => own.MacEquals(a, b);

    public void SealHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        own.SealHandshake(key, nonce, ad, plaintext, ciphertext);

    public bool TryOpenHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        own.TryOpenHandshake(key, nonce, ad, ciphertext, plaintext);

    public void SealCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        own.SealCookie(key, nonce24, ad, plaintext, ciphertext);

    public bool TryOpenCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        own.TryOpenCookie(key, nonce24, ad, ciphertext, plaintext);

    public ISealingKey CreateSealingKey(PacketSuite suite, ReadOnlySpan<byte> key32) => own.CreateSealingKey(suite, key32);

    public IOpeningKey CreateOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32) => own.CreateOpeningKey(suite, key32);

    public void Wipe(Span<byte> secret) => own.Wipe(secret);
}
