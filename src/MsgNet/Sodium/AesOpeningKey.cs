using System.Runtime.InteropServices;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>Opens packets with AES-256-GCM; counted as a handle, so that it lives while a packet is under way.</summary>
internal sealed class AesOpeningKey : SafeHandle, IOpeningKey
{
    private readonly AesWorkspaces workspaces;
    private readonly SecureMemory key;

    public AesOpeningKey(AesWorkspaces workspaces, SecureMemory key)
        : base(0, ownsHandle: true)
    {
        this.workspaces = workspaces;
        this.key = key;
        SetHandle(key.DangerousGetHandle());
    }

    public override bool IsInvalid => handle == 0;

    public bool TryOpen(Span<byte> datagram, out ulong counter, out int plaintextLength)
    {
        plaintextLength = 0;
        var held = false;
        try
        {
            DangerousAddRef(ref held);
            if (!PacketCipher.TryReadCounter(datagram, out counter) || !workspaces.TryOpen(key, counter, datagram))
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
