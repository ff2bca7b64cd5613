using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Opens packets with ChaCha20-Poly1305-IETF.</summary>
internal sealed unsafe class SodiumOpeningKey(SecureMemory key) : IOpeningKey
{
    public bool TryOpenLent(Span<byte> datagram, out ulong counter, out int plaintextLength)
    {
        var isOpen = PacketCipher.TryReadCounter(datagram, out counter)
            && PacketCipher.TryOpen((byte*)key.DangerousGetHandle(), counter, datagram);
        plaintextLength = isOpen ? datagram.Length - Limits.SealOverhead : 0;
        return isOpen;
    }

    public void Lend()
    {
        var held = false;
        key.DangerousAddRef(ref held);
    }

    public void Return() => key.DangerousRelease();

    public void Dispose() => key.Dispose();
}
