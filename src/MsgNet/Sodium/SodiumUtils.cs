using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary><c>sodium/utils.h</c>: locked memory.</summary>
internal static unsafe partial class SodiumUtils
{
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "sodium_malloc")]
    public static partial nint Malloc(nuint size);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "sodium_free")]
    public static partial void Free(nint address);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "sodium_mprotect_readonly")]
    public static partial int ProtectReadOnly(nint address);

    /// <summary>Keeps pages from being swapped or dumped; −1 when the system's limit forbids.</summary>
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "sodium_mlock")]
    public static partial int Lock(byte* address, nuint length);

    /// <summary>Wipes and unlocks pages.</summary>
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "sodium_munlock")]
    public static partial int Unlock(byte* address, nuint length);
}
