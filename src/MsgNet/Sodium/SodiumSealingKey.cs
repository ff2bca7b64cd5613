using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Seals packets with ChaCha20-Poly1305-IETF.</summary>
internal sealed unsafe class SodiumSealingKey(SessionKeyHandle key) : ISealingKey
{
    private PacketCounter counter;

    public ulong NextCounter => counter.Next;

    public ulong Seal(Span<byte> datagram, int plaintextLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(plaintextLength);
        if (datagram.Length - Limits.SealOverhead < plaintextLength)
            throw new ArgumentException($"Leave {Limits.SealOverhead} bytes around the plaintext for header and tag.", nameof(datagram));

        var held = false;
        try
        {
            key.DangerousAddRef(ref held);
            var number = counter.Take();
            BinaryPrimitives.WriteUInt64LittleEndian(datagram[DataHeader.CounterOffset..], number);
            PacketCipher.Seal((byte*)key.DangerousGetHandle(), number, datagram, plaintextLength);
            return number;
        }
        finally
        {
            if (held)
                key.DangerousRelease();
        }
    }

    public ulong Skip() => counter.Take();

    public void Dispose() => key.Dispose();
}
