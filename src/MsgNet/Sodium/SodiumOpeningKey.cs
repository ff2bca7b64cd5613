using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Opens packets with ChaCha20-Poly1305-IETF.</summary>
internal sealed unsafe class SodiumOpeningKey(SecureMemory key) : IOpeningKey
{
    public bool TryOpen(Span<byte> datagram, out ulong counter, out int plaintextLength)
    {
        plaintextLength = 0;
        if (!PacketCipher.TryReadCounter(datagram, out counter))
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
