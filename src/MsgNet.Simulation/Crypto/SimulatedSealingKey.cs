using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>Seals packets of a simulated session.</summary>
internal sealed class SimulatedSealingKey : ISealingKey
{
    private const int HeaderLength = 16;
    private readonly byte[] key;
    private PacketCounter counter;
    private bool disposed;

    public SimulatedSealingKey(PacketSuite suite, ReadOnlySpan<byte> key32)
    {
        SimulatedCrypto.RequireLength(key32, StandInAgreement.KeyLength, nameof(key32));
        key = StandInCipher.KeyFor(suite, key32);
    }

    /// <inheritdoc/>
    public ulong NextCounter => counter.Next;

    /// <inheritdoc/>
    public ulong Seal(Span<byte> datagram, int plaintextLength)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (plaintextLength < 0 || datagram.Length < plaintextLength + Limits.SealOverhead)
        {
            throw new ArgumentException(
                $"{plaintextLength} bytes of frames need {plaintextLength + Limits.SealOverhead} bytes of datagram, not {datagram.Length}.",
                nameof(datagram));
        }

        var taken = counter.Take();
        BinaryPrimitives.WriteUInt64LittleEndian(datagram[8..], taken);
        var body = datagram.Slice(HeaderLength, plaintextLength + StandInCipher.TagLength);
        StandInCipher.Seal(key, taken, datagram[..HeaderLength], body[..plaintextLength], body);
        return taken;
    }

    /// <inheritdoc/>
    public ulong Skip() => counter.Take();

    /// <inheritdoc/>
    public void Dispose() => disposed = true;
}
