using System.Runtime.InteropServices;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>
/// A key of AES-256-GCM, counted as a handle: disposed while a packet is under way with it, it is wiped, wherever it was expanded, with the
/// last one.
/// </summary>
internal abstract class AesKey : SafeHandle, IPacketKey
{
    protected AesKey(AesWorkspaces workspaces, SecureMemory key)
        : base(0, ownsHandle: true)
    {
        Workspaces = workspaces;
        Key = key;
        SetHandle(key.DangerousGetHandle());
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>Where it is expanded.</summary>
    protected AesWorkspaces Workspaces { get; }

    /// <summary>Its 32 bytes.</summary>
    protected SecureMemory Key { get; }

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
        Workspaces.Remove(Key);
        return true;
    }
}
