using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary>
/// One slot of a <see cref="SessionKeySlab"/>, counted: a slot released while another thread seals with it is wiped and reused only after
/// that thread is done, so no packet is ever sealed with another session's key.
/// </summary>
internal sealed class SessionKeyHandle : SafeHandle
{
    private readonly SessionKeySlab slab;

    public SessionKeyHandle(SessionKeySlab slab, nint slot)
        : base(0, ownsHandle: true)
    {
        this.slab = slab;
        SetHandle(slot);
    }

    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        slab.Release(handle);
        return true;
    }
}
