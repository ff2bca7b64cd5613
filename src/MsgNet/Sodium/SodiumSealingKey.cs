using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Seals packets with ChaCha20-Poly1305-IETF.</summary>
internal sealed unsafe class SodiumSealingKey(SecureMemory key) : ISealingKey
{
    private PacketCounter counter;

    public ulong NextCounter => counter.Next;

    public ulong Seal(Span<byte> datagram, int plaintextLength)
    {
        PacketCipher.RequireRoom(datagram, plaintextLength);
        var held = false;
        try
        {
            key.DangerousAddRef(ref held);
            var number = counter.Take();
            PacketCipher.WriteCounter(datagram, number);
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
