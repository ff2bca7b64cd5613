using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Seals packets with AES-256-GCM.</summary>
internal sealed class AesSealingKey(AesWorkspaces workspaces, SecureMemory key) : AesKey(workspaces, key), ISealingKey
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
            Workspaces.Seal(Key, number, datagram, plaintextLength);
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
        Workspaces.Seal(Key, counter, datagram, plaintextLength);
    }

    public ulong Take() => counter.Take();
}
