using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary><c>sodium/utils.h</c>: guarded memory.</summary>
internal static partial class SodiumUtils
{
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "sodium_malloc")]
    public static partial nint Malloc(nuint size);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "sodium_free")]
    public static partial void Free(nint address);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "sodium_mprotect_readonly")]
    public static partial int ProtectReadOnly(nint address);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "sodium_mprotect_readwrite")]
    public static partial int ProtectReadWrite(nint address);
}
