using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>Opens packets of a simulated session.</summary>
internal sealed class SimulatedOpeningKey : IOpeningKey
{
    private const int HeaderLength = 16;
    private readonly byte[] key;
    private bool disposed;
    private int lent;

    public SimulatedOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32)
    {
        SimulatedCrypto.RequireLength(key32, StandInAgreement.KeyLength, nameof(key32));
        key = StandInCipher.KeyFor(suite, key32);
    }

    /// <inheritdoc/>
    public bool TryOpenLent(Span<byte> datagram, out ulong counter, out int plaintextLength)
    {
        Invariant.Check(lent > 0);
        plaintextLength = 0;
        counter = 0;
        if (datagram.Length < Limits.SealOverhead)
            return false;

        // Even a counter that no packet may carry goes through the cipher, so that what failed is destroyed alike.
        counter = BinaryPrimitives.ReadUInt64LittleEndian(datagram[8..]);
        var body = datagram[HeaderLength..];
        var plaintext = body[..^StandInCipher.TagLength];
        var isGenuine = StandInCipher.TryOpen(key, counter, datagram[..HeaderLength], body, plaintext);
        if (!isGenuine || counter >= PacketCounter.RejectAfter)
        {
            plaintext.Clear();
            return false;
        }

        plaintextLength = plaintext.Length;
        return true;
    }

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
}
