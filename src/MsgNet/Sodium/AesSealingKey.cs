using System.Runtime.InteropServices;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Seals packets with AES-256-GCM; counted as a handle, so that it lives while it is lent.</summary>
internal sealed class AesSealingKey : SafeHandle, ISealingKey
{
    private readonly AesWorkspaces workspaces;
    private readonly SecureMemory key;
    private PacketCounter counter;

    public AesSealingKey(AesWorkspaces workspaces, SecureMemory key)
        : base(0, ownsHandle: true)
    {
        this.workspaces = workspaces;
        this.key = key;
        SetHandle(key.DangerousGetHandle());
    }

    public override bool IsInvalid => handle == 0;

    public ulong NextCounter => counter.Next;

    public ulong Seal(Span<byte> datagram, int plaintextLength)
    {
        PacketCipher.RequireRoom(datagram, plaintextLength);
        Lend();
        try
        {
            var number = counter.Take();
            workspaces.Seal(key, number, datagram, plaintextLength);
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
        workspaces.Seal(key, counter, datagram, plaintextLength);
    }

    public ulong Take() => counter.Take();

    public void Lend()
    {
        var held = false;
        DangerousAddRef(ref held);
    }

    public void Return() => DangerousRelease();

    // Where nobody disposes it, the memory of the key has a finalizer of its own, and the workspaces may be gone.
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            base.Dispose(disposing);
    }

    protected override bool ReleaseHandle()
    {
        workspaces.Remove(key);
        return true;
    }
}
