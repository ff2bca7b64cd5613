using System.Runtime.InteropServices;
using MsgNet.Core;

namespace MsgNet.Sodium;

/// <summary>
/// A few bytes in libsodium's guarded heap: locked against swapping, left out of core dumps, fenced by guard pages, wiped when freed.
/// One allocation costs 8 KiB and four mappings, so only an identity lives here.
/// </summary>
internal sealed class SecureMemory : SafeHandle
{
    private readonly int length;

    /// <summary>Allocates <paramref name="length"/> bytes; write them, then <see cref="Seal"/>.</summary>
    public SecureMemory(int length)
        : base(0, ownsHandle: true)
    {
        SodiumCore.Start();
        this.length = length;
        SetHandle(SodiumUtils.Malloc((nuint)length));
        if (IsInvalid)
            throw new InsufficientMemoryException("libsodium has no guarded memory left.");
    }

    public override bool IsInvalid => handle == 0;

    /// <summary>The bytes, until disposal: <see cref="SafeHandle.DangerousAddRef(ref bool)"/> keeps them while in use.</summary>
    public unsafe Span<byte> Bytes => new((void*)handle, length);

    /// <summary>Makes the bytes read-only; a write from here on ends the process.</summary>
    public void Seal() => Invariant.Check(SodiumUtils.ProtectReadOnly(handle) == 0);

    protected override bool ReleaseHandle()
    {
        SodiumUtils.Free(handle);
        return true;
    }
}
