using MsgNet.Core;

namespace MsgNet.Tests;

/// <summary>Passes everything on, and has the test see when a packet is opened.</summary>
internal sealed class WatchedCrypto(IChannelCrypto inner) : IChannelCrypto, IDisposable
{
    /// <summary>Called before each packet that is opened ahead of the machine, by the thread that does it.</summary>
    public Action? Opening { get; set; }

    /// <summary>Keys of packets that are lent at this moment.</summary>
    public int Lent => lent;

    private int lent;

    public ReadOnlySpan<byte> PublicKey => inner.PublicKey;

    public bool HasAes256Gcm => inner.HasAes256Gcm;

    public bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519) => inner.TryConvertPublicKey(ed25519, x25519);

    public bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared) => inner.TryAgreeIdentity(remoteX25519, shared);

    public IEphemeralKey CreateEphemeral() => inner.CreateEphemeral();

    public void Sha256(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> hash32) => inner.Sha256(a, b, hash32);

    public void HmacSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> hash32) => inner.HmacSha256(key, data, hash32);

    public void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac16) => inner.Mac(key, data, mac16);

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

    public IOpeningKey CreateOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32) =>
        new WatchedKey(this, inner.CreateOpeningKey(suite, key32));

    public void Wipe(Span<byte> secret) => inner.Wipe(secret);

    public void Dispose() => (inner as IDisposable)?.Dispose();

    private sealed class WatchedKey(WatchedCrypto crypto, IOpeningKey key) : IOpeningKey
    {
        public bool TryOpen(Span<byte> datagram, out ulong counter, out int plaintextLength) =>
            key.TryOpen(datagram, out counter, out plaintextLength);

        public bool TryOpenLent(Span<byte> datagram, out int plaintextLength)
        {
            crypto.Opening?.Invoke();
            return key.TryOpenLent(datagram, out plaintextLength);
        }

        public void Lend()
        {
            key.Lend();
            Interlocked.Increment(ref crypto.lent);
        }

        public void Return()
        {
            Interlocked.Decrement(ref crypto.lent);
            key.Return();
        }

        public void Dispose() => key.Dispose();
    }
}
