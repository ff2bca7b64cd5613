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
    private int lent;

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
        ObjectDisposedException.ThrowIf(disposed && lent == 0, this);
        RequireRoom(datagram, plaintextLength);
        var taken = counter.Take();
        SealWith(taken, datagram, plaintextLength);
        return taken;
    }

    /// <inheritdoc/>
    public void Seal(Span<byte> datagram, int plaintextLength, ulong counter)
    {
        Invariant.Check(lent > 0);
        RequireRoom(datagram, plaintextLength);
        SealWith(counter, datagram, plaintextLength);
    }

    /// <inheritdoc/>
    public ulong Take() => counter.Take();

    /// <inheritdoc/>
    public void Lend()
    {
        ObjectDisposedException.ThrowIf(disposed && lent == 0, this);
        lent++;
    }

    /// <inheritdoc/>
    public void Return()
    {
        Invariant.Check(lent > 0);
        lent--;
    }

    /// <inheritdoc/>
    public void Dispose() => disposed = true;

    private static void RequireRoom(Span<byte> datagram, int plaintextLength)
    {
        if (plaintextLength < 0 || datagram.Length < plaintextLength + Limits.SealOverhead)
        {
            throw new ArgumentException(
                $"{plaintextLength} bytes of frames need {plaintextLength + Limits.SealOverhead} bytes of datagram, not {datagram.Length}.",
                nameof(datagram));
        }
    }

    private void SealWith(ulong taken, Span<byte> datagram, int plaintextLength)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(datagram[8..], taken);
        var body = datagram.Slice(HeaderLength, plaintextLength + StandInCipher.TagLength);
        StandInCipher.Seal(key, taken, datagram[..HeaderLength], body[..plaintextLength], body);
    }
}
