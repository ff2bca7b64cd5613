using System.Runtime.InteropServices;

namespace MsgNet.Platform;

/// <summary>The calls of Linux that move several datagrams at once, which .NET has not.</summary>
internal static unsafe partial class LinuxSocketCalls
{
    public const int AddressFamilyIPv4 = 2;
    public const int AddressFamilyIPv6 = 10;
    public const int LevelUdp = 17;
    public const int OptionSegment = 103;
    public const int OptionGro = 104;
    public const int FlagTruncated = 0x20;
    public const int FlagDontWait = 0x40;
    public const int FlagWaitForOne = 0x10000;
    public const int ErrorInterrupted = 4;
    public const int ErrorIo = 5;
    public const int ErrorAgain = 11;
    public const int ErrorInvalid = 22;
    public const int ErrorMessageSize = 90;
    public const int ErrorRefused = 111;

    /// <summary>Bytes of a control message before its value.</summary>
    public static int ControlHeaderLength => sizeof(ControlHeader);

    /// <summary>Room for one control message with a value of at most <c>sizeof(nuint)</c> bytes.</summary>
    public static int ControlSpace => sizeof(ControlHeader) + sizeof(nuint);

    // The error is looked for after a call that failed, not kept for all of them: that takes two calls more, each time.

    /// <summary>Sends one message, or a run; returns −1 when that is refused, for <see cref="Marshal.GetLastSystemError"/>.</summary>
    [LibraryImport("libc", EntryPoint = "sendmsg")]
    public static partial nint Send(SafeHandle socket, MessageHeader* message, int flags);

    /// <summary>Receives up to <paramref name="count"/> messages; returns −1 when none came.</summary>
    [LibraryImport("libc", EntryPoint = "recvmmsg")]
    public static partial int Receive(SafeHandle socket, ReceivedMessage* messages, uint count, int flags, void* timeout);

    /// <summary><c>struct iovec</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Part
    {
        public byte* Start;
        public nuint Length;
    }

    /// <summary><c>struct msghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public Part* Parts;
        public nuint PartCount;
        public byte* Control;
        public nuint ControlLength;
        public int Flags;
    }

    /// <summary><c>struct mmsghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ReceivedMessage
    {
        public MessageHeader Header;
        public uint Length;
    }

    /// <summary><c>struct cmsghdr</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct ControlHeader
    {
        public nuint Length;
        public int Level;
        public int Type;
    }
}
