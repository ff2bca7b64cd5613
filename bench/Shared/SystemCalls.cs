using System.Runtime.InteropServices;

namespace MsgNet.Bench;

/// <summary>The system calls of Linux that a program in C would make.</summary>
internal static unsafe partial class SystemCalls
{
    private const string Library = "libc";

    [LibraryImport(Library, EntryPoint = "sendto", SetLastError = true)]
    public static partial nint SendTo(int socket, byte* bytes, nuint length, int flags, byte* to, uint toLength);

    [LibraryImport(Library, EntryPoint = "recvfrom", SetLastError = true)]
    public static partial nint ReceiveFrom(int socket, byte* bytes, nuint length, int flags, byte* from, uint* fromLength);

    [LibraryImport(Library, EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMany(int socket, MessageHeader* messages, uint count, int flags);

    [LibraryImport(Library, EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMany(int socket, MessageHeader* messages, uint count, int flags, void* timeout);

    [LibraryImport(Library, EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollEntry* entries, nuint count, TimeValue* timeout, void* signals);

    [LibraryImport(Library, EntryPoint = "sched_setaffinity", SetLastError = true)]
    public static partial int SetAffinity(int thread, nuint length, ulong* mask);

    [LibraryImport(Library, EntryPoint = "sched_getaffinity", SetLastError = true)]
    public static partial int GetAffinity(int thread, nuint length, ulong* mask);

    [LibraryImport(Library, EntryPoint = "clock_gettime")]
    public static partial int GetTime(int clock, TimeValue* time);

    [LibraryImport(Library, EntryPoint = "prctl", SetLastError = true)]
    public static partial int ControlThread(int option, nuint value, nuint unused3, nuint unused4, nuint unused5);

    /// <summary><c>struct mmsghdr</c>, 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public Slice* Slices;
        public nuint SliceCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
        private readonly uint headerPadding;
        public uint Length;
        private readonly uint padding;
    }

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Slice
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary><c>struct cmsghdr</c> with <c>struct in_pktinfo</c>, padded: which local address a datagram has.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PacketInformation
    {
        /// <summary><c>IP_PKTINFO</c> at level 0.</summary>
        public const int TypeOfIt = 8;

        public nuint Length;
        public int Level;
        public int Type;
        public int Interface;
        public uint Source;
        public uint Destination;
        private readonly uint padding;
    }

    /// <summary><c>struct cmsghdr</c> with <c>struct timespec</c>: when a datagram came to its socket.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Arrival
    {
        /// <summary><c>SO_TIMESTAMPNS</c> at level <c>SOL_SOCKET</c>, and the type of what it makes the kernel tell.</summary>
        public const int TypeOfIt = 35;

        public nuint Length;
        public int Level;
        public int Type;
        public TimeValue At;
    }

    /// <summary><c>struct pollfd</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct PollEntry
    {
        public int Socket;
        public short Events;
        public short Happened;
    }

    /// <summary><c>struct timespec</c>, 64 bits.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TimeValue
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
