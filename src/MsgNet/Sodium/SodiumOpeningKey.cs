using System.Buffers.Binary;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Opens packets with ChaCha20-Poly1305-IETF.</summary>
internal sealed unsafe class SodiumOpeningKey(SessionKeyHandle key) : IOpeningKey
{
    public bool TryOpen(Span<byte> datagram, out ulong counter, out int plaintextLength)
    {
        counter = 0;
        plaintextLength = 0;
        if (datagram.Length < Limits.SealOverhead)
            return false;

        counter = BinaryPrimitives.ReadUInt64LittleEndian(datagram[DataHeader.CounterOffset..]);
        if (counter >= PacketCounter.RejectAfter)
            return false;

        var held = false;
        try
        {
            key.DangerousAddRef(ref held);
            if (!PacketCipher.TryOpen((byte*)key.DangerousGetHandle(), counter, datagram))
                return false;

            plaintextLength = datagram.Length - Limits.SealOverhead;
            return true;
        }
        finally
        {
            if (held)
                key.DangerousRelease();
        }
    }

    public void Dispose() => key.Dispose();
}
