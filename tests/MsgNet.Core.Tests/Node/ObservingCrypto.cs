using System.Buffers.Binary;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Passes everything on, and remembers what was sealed into which datagram by its tag.</summary>
internal sealed class ObservingCrypto(IChannelCrypto inner) : WrappedCrypto(inner)
{
    private readonly Dictionary<UInt128, byte[]> plaintexts = [];

    /// <summary>What sealing keys add to the counter they say comes next, for tests that cannot send 2^28 packets.</summary>
    public ulong CountersFrom { get; init; }

    /// <summary>What was sealed into a datagram: the payload of a HELLO or ACK, the frames of DATA; empty for any other.</summary>
    public byte[] PlaintextOf(ReadOnlySpan<byte> datagram) => plaintexts.GetValueOrDefault(Tag(datagram)) ?? [];

    public override void SealHandshake(
        ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext)
    {
        var copy = plaintext.ToArray();
        base.SealHandshake(key, nonce, ad, plaintext, ciphertext);
        plaintexts[Tag(ciphertext)] = copy;
    }

    public override ISealingKey CreateSealingKey(PacketSuite suite, ReadOnlySpan<byte> key32) =>
        new ObservingKey(base.CreateSealingKey(suite, key32), plaintexts, CountersFrom);

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
