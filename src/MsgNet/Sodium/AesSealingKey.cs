using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Seals packets with AES-256-GCM.</summary>
internal sealed class AesSealingKey(AesWorkspace workspace, SecureMemory key) : ISealingKey
{
    private PacketCounter counter;
    private volatile bool disposed;

    public ulong NextCounter => counter.Next;

    public ulong Seal(Span<byte> datagram, int plaintextLength)
    {
        PacketCipher.RequireRoom(datagram, plaintextLength);
        ObjectDisposedException.ThrowIf(disposed, this);
        return workspace.Seal(key, ref counter, datagram, plaintextLength);
    }

    public ulong Skip() => counter.Take();

    public void Dispose()
    {
        // First, so that a thread that seals without a pause does not keep this one waiting for the workspace.
        disposed = true;
        workspace.Remove(key);
    }
}
