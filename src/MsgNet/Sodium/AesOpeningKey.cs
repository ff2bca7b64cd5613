using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Opens packets with AES-256-GCM.</summary>
internal sealed class AesOpeningKey(AesWorkspace workspace, SecureMemory key) : IOpeningKey
{
    private volatile bool disposed;

    public bool TryOpen(Span<byte> datagram, out ulong counter, out int plaintextLength)
    {
        plaintextLength = 0;
        ObjectDisposedException.ThrowIf(disposed, this);
        if (!PacketCipher.TryReadCounter(datagram, out counter) || !workspace.TryOpen(key, counter, datagram))
            return false;

        plaintextLength = datagram.Length - Limits.SealOverhead;
        return true;
    }

    public void Dispose()
    {
        disposed = true;
        workspace.Remove(key);
    }
}
