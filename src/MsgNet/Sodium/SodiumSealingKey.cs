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
        Lend();
        try
        {
            var number = counter.Take();
            Seal(datagram, plaintextLength, number);
            return number;
        }
        finally
        {
            Return();
        }
    }

    public void Seal(Span<byte> datagram, int plaintextLength, ulong counter)
    {
        PacketCipher.RequireRoom(datagram, plaintextLength);
        PacketCipher.WriteCounter(datagram, counter);
        PacketCipher.Seal((byte*)key.DangerousGetHandle(), counter, datagram, plaintextLength);
    }

    public ulong Take() => counter.Take();

    public void Lend()
    {
        var held = false;
        key.DangerousAddRef(ref held);
    }

    public void Return() => key.DangerousRelease();

    public void Dispose() => key.Dispose();
}
