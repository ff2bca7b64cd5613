using System.ComponentModel;
using System.Runtime.InteropServices;

namespace MsgNet.NetworkTests;

/// <summary>The few system calls of Linux that .NET does not offer.</summary>
internal static unsafe partial class LibC
{
    public const int OpenReadOnly = 0;
    public const int OpenReadWriteNonblocking = 2 | 0x800;
    public const int NewNetwork = 0x4000_0000;
    public const short PollIn = 1;

    private const string Name = "libc";

    [LibraryImport(Name, EntryPoint = "open", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int Open(string path, int flags);

    [LibraryImport(Name, EntryPoint = "close", SetLastError = true)]
    public static partial int Close(int descriptor);

    [LibraryImport(Name, EntryPoint = "setns", SetLastError = true)]
    public static partial int SetNamespace(int descriptor, int kind);

    [LibraryImport(Name, EntryPoint = "ioctl", SetLastError = true)]
    public static partial int Control(int descriptor, nuint request, byte* argument);

    [LibraryImport(Name, EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, byte* buffer, nuint length);

    [LibraryImport(Name, EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, byte* buffer, nuint length);

    [LibraryImport(Name, EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(Waited* descriptors, nuint count, TimeSpec* timeout, void* signals);

    /// <summary>Throws what the system said when <paramref name="result"/> is negative.</summary>
    public static int Check(int result, string what)
    {
        if (result >= 0)
            return result;

        var error = Marshal.GetLastPInvokeError();
        throw new Win32Exception(error, $"{what}: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    public struct Waited
    {
        public int Descriptor { get; init; }

        public short Events { get; init; }

        /// <summary>Written by the system.</summary>
        public short Happened { get; init; }
    }

    public struct TimeSpec
    {
        public long Seconds { get; init; }

        public long Nanoseconds { get; init; }
    }
}
