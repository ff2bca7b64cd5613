namespace MsgNet.Core.Tests.Node;

/// <summary>The cryptography of somebody who says it is somebody else: another's public key, its own private one.</summary>
internal sealed class ClaimingCrypto(IChannelCrypto own, byte[] claimed) : IChannelCrypto
{
    public ReadOnlySpan<byte> PublicKey => claimed;

    public bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519) => own.TryConvertPublicKey(ed25519, x25519);

    public bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared) => own.TryAgreeIdentity(remoteX25519, shared);

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

    public ISealingKey CreateSealingKey(ReadOnlySpan<byte> key32) => own.CreateSealingKey(key32);

    public IOpeningKey CreateOpeningKey(ReadOnlySpan<byte> key32) => own.CreateOpeningKey(key32);

    public void Wipe(Span<byte> secret) => own.Wipe(secret);
}
