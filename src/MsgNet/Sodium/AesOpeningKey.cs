using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Opens packets with AES-256-GCM.</summary>
internal sealed class AesOpeningKey(AesWorkspaces workspaces, SecureMemory key) : AesKey(workspaces, key), IOpeningKey
{
    public bool TryOpenLent(Span<byte> datagram, out ulong counter, out int plaintextLength)
    {
        var isOpen = PacketCipher.TryReadCounter(datagram, out counter) && Workspaces.TryOpen(Key, counter, datagram);
        plaintextLength = isOpen ? datagram.Length - Limits.SealOverhead : 0;
        return isOpen;
    }
}
