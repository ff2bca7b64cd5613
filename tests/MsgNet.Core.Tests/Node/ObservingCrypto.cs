using System.Buffers.Binary;

namespace MsgNet.Core.Tests.Node;

/// <summary>Passes everything on, and remembers what was sealed into which datagram by its tag.</summary>
internal sealed class ObservingCrypto(IChannelCrypto inner) : IChannelCrypto
{
    private readonly Dictionary<UInt128, byte[]> plaintexts = [];

    public ReadOnlySpan<byte> PublicKey => inner.PublicKey;

    public bool HasAes256Gcm => inner.HasAes256Gcm;

    /// <summary>What sealing keys add to the counter they say comes next, for tests that cannot send 2^28 packets.</summary>
    public ulong CountersFrom { get; init; }

    /// <summary>What was sealed into a datagram: the payload of a HELLO or ACK, the frames of DATA; empty for any other.</summary>
    public byte[] PlaintextOf(ReadOnlySpan<byte> datagram) => plaintexts.GetValueOrDefault(Tag(datagram)) ?? [];

    public bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519) => inner.TryConvertPublicKey(ed25519, x25519);

    public bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared) => inner.TryAgreeIdentity(remoteX25519, shared);

    public IEphemeralKey CreateEphemeral() => inner.CreateEphemeral();

    public void Sha256(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> hash32) => inner.Sha256(a, b, hash32);

    public void HmacSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> hash32) => inner.HmacSha256(key, data, hash32);

    public void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac16) => inner.Mac(key, data, mac16);

    public void Hash32(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash32) => inner.Hash32(prefix, data, hash32);

    public bool MacEquals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b) => inner.MacEquals(a, b);

    public void SealHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        var copy = plaintext.ToArray();
        inner.SealHandshake(key, nonce, ad, plaintext, ciphertext);
        plaintexts[Tag(ciphertext)] = copy;
    }

    public bool TryOpenHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        inner.TryOpenHandshake(key, nonce, ad, ciphertext, plaintext);

    public void SealCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext) =>
        inner.SealCookie(key, nonce24, ad, plaintext, ciphertext);

    public bool TryOpenCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext) =>
        inner.TryOpenCookie(key, nonce24, ad, ciphertext, plaintext);

    public ISealingKey CreateSealingKey(PacketSuite suite, ReadOnlySpan<byte> key32) =>
        new ObservingKey(inner.CreateSealingKey(suite, key32), plaintexts, CountersFrom);

    public IOpeningKey CreateOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32) => inner.CreateOpeningKey(suite, key32);

    public void Wipe(Span<byte> secret) => inner.Wipe(secret);

    private static UInt128 Tag(ReadOnlySpan<byte> sealedBytes) => BinaryPrimitives.ReadUInt128LittleEndian(sealedBytes[^16..]);

    private sealed class ObservingKey(ISealingKey inner, Dictionary<UInt128, byte[]> plaintexts, ulong from) : ISealingKey
    {
        public ulong NextCounter => from + inner.NextCounter;

        public ulong Seal(Span<byte> datagram, int plaintextLength)
        {
            var copy = datagram.Slice(DataHeader.Length, plaintextLength).ToArray();
            var counter = inner.Seal(datagram, plaintextLength);
            plaintexts[Tag(datagram[..(plaintextLength + Limits.SealOverhead)])] = copy;
            return counter;
        }

        public void Seal(Span<byte> datagram, int plaintextLength, ulong counter)
        {
            var copy = datagram.Slice(DataHeader.Length, plaintextLength).ToArray();
            inner.Seal(datagram, plaintextLength, counter);
            plaintexts[Tag(datagram[..(plaintextLength + Limits.SealOverhead)])] = copy;
        }

        public ulong Take() => inner.Take();

        public void Lend() => inner.Lend();

        public void Return() => inner.Return();

        public void Dispose() => inner.Dispose();
    }
}
