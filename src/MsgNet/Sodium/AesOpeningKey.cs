using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Opens packets with AES-256-GCM.</summary>
internal sealed class AesOpeningKey(AesWorkspaces workspaces, SecureMemory key) : AesKey(workspaces, key), IOpeningKey
{
    public bool TryOpen(Span<byte> datagram, out ulong counter, out int plaintextLength)
    {
        plaintextLength = 0;
        var held = false;
        try
        {
            DangerousAddRef(ref held);
            if (!PacketCipher.TryReadCounter(datagram, out counter) || !Workspaces.TryOpen(Key, counter, datagram))
                return false;

            plaintextLength = datagram.Length - Limits.SealOverhead;
            return true;
        }
        finally
        {
            if (held)
                DangerousRelease();
        }
    }
}
