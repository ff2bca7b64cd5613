using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary>
/// One place of a <see cref="SecureSlab"/>, counted: a key released while another thread seals with it is wiped and its place used again
/// only after that thread is done, so no packet is ever sealed with another session's key.
/// </summary>
internal sealed unsafe class SecureMemory : SafeHandle
{
    private readonly SecureSlab.Chunk chunk;

    internal SecureMemory(SecureSlab.Chunk chunk, nint slot)
        : base(0, ownsHandle: true)
    {
        this.chunk = chunk;
        SetHandle(slot);
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The bytes, until disposal: <see cref="SafeHandle.DangerousAddRef(ref bool)"/> keeps them while in use.</summary>
    public Span<byte> Bytes => new((void*)handle, chunk.SlotLength);

    protected override bool ReleaseHandle()
    {
        chunk.Release(handle);
        return true;
    }
}
