using MsgNet.Core;

namespace MsgNet.Testing;

/// <summary>Passes everything on, for doubles that change or note a part of it.</summary>
internal abstract class WrappedCrypto(IChannelCrypto inner) : IChannelCrypto
{
    /// <summary>Who does it.</summary>
    protected IChannelCrypto Inner { get; } = inner;

    public virtual ReadOnlySpan<byte> PublicKey => Inner.PublicKey;

    public virtual bool HasAes256Gcm => Inner.HasAes256Gcm;

    public virtual bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519) => Inner.TryConvertPublicKey(ed25519, x25519);

    public virtual bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared) =>
        Inner.TryAgreeIdentity(remoteX25519, shared);

    public virtual IEphemeralKey CreateEphemeral() => Inner.CreateEphemeral();

    public virtual void Sha256(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> hash32) => Inner.Sha256(a, b, hash32);

    public virtual void HmacSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> hash32) =>
        Inner.HmacSha256(key, data, hash32);

    public virtual void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac16) => Inner.Mac(key, data, mac16);

    public virtual void Hash32(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash32) => Inner.Hash32(prefix, data, hash32);

    public virtual bool MacEquals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => Inner.MacEquals(a, b);

    public virtual void SealHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        Inner.SealHandshake(key, nonce, ad, plaintext, ciphertext);

    public virtual bool TryOpenHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        Inner.TryOpenHandshake(key, nonce, ad, ciphertext, plaintext);

    public virtual void SealCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        Inner.SealCookie(key, nonce24, ad, plaintext, ciphertext);

    public virtual bool TryOpenCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        Inner.TryOpenCookie(key, nonce24, ad, ciphertext, plaintext);

    public virtual ISealingKey CreateSealingKey(PacketSuite suite, ReadOnlySpan<byte> key32) => Inner.CreateSealingKey(suite, key32);

    public virtual IOpeningKey CreateOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32) => Inner.CreateOpeningKey(suite, key32);

    public virtual void Wipe(Span<byte> secret) => Inner.Wipe(secret);
}
