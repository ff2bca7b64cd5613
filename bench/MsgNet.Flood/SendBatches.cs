using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace MsgNet.Flood;

/// <summary>Datagrams laid out for <c>sendmmsg</c>, each with a source address of its own. Linux, 64 bits.</summary>
internal sealed unsafe partial class SendBatches : IDisposable
{
    /// <summary>Datagrams per system call.</summary>
    public const int BatchLength = 64;

    private const int IpLevel = 0;
    private const int PacketInformation = 8; // IP_PKTINFO
    private const int AddressLength = 16;

    private readonly Socket socket;
    private readonly int count;
    private readonly MessageHeader* messages;
    private readonly Control* controls;
    private readonly Slice* slices;
    private readonly byte* to;
    private readonly byte* bytes;
    private int next;

    public SendBatches(Socket socket, IPEndPoint to, byte[][] packets)
    {
        this.socket = socket;
        count = packets.Length / BatchLength * BatchLength;
        messages = (MessageHeader*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(MessageHeader));
        controls = (Control*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(Control));
        slices = (Slice*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(Slice));
        bytes = (byte*)NativeMemory.Alloc((nuint)packets.Sum(packet => packet.Length));
        this.to = (byte*)NativeMemory.AllocZeroed(AddressLength);
        to.Serialize().Buffer.Span[..AddressLength].CopyTo(new Span<byte>(this.to, AddressLength));
        var position = bytes;
        for (var i = 0; i < count; i++)
        {
            packets[i].CopyTo(new Span<byte>(position, packets[i].Length));
            Fill(i, position, packets[i].Length);
            position += packets[i].Length;
        }
    }

    /// <summary>Sends the next batch; how many the system took.</summary>
    public int SendNext()
    {
        var sent = SendMany((int)socket.Handle, messages + next, BatchLength, 0);
        next = (next + BatchLength) % count;
        return Math.Max(0, sent);
    }

    public void Dispose()
    {
        NativeMemory.Free(messages);
        NativeMemory.Free(controls);
        NativeMemory.Free(slices);
        NativeMemory.Free(bytes);
        NativeMemory.Free(to);
    }

    private void Fill(int i, byte* packet, int length)
    {
        slices[i] = new Slice { Start = packet, Length = (nuint)length };
        controls[i] = new Control
        {
            Length = (nuint)sizeof(Control) - 4,
            Level = IpLevel,
            Type = PacketInformation,
            Source = BinaryPrimitives.ReverseEndianness(0x7F01_0000u + ((uint)i * 2_654_435_761u >> 12)),
        };
        messages[i] = new MessageHeader
        {
            Name = to,
            NameLength = AddressLength,
            Slices = slices + i,
            SliceCount = 1,
            Control = controls + i,
            ControlLength = (nuint)sizeof(Control),
        };
    }

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    private static partial int SendMany(int socket, MessageHeader* messages, uint count, int flags);

    [StructLayout(LayoutKind.Sequential)]
    private struct MessageHeader
    {
        public byte* Name;
        public uint NameLength;
        public Slice* Slices;
        public nuint SliceCount;
        public Control* Control;
        public nuint ControlLength;
        public int Flags;
        public uint Sent;
        private readonly uint padding;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Slice
    {
        public byte* Start;
        public nuint Length;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Control
    {
        public nuint Length;
        public int Level;
        public int Type;
        public int Interface;
        public uint Source;
        public uint Destination;
        private readonly uint padding;
    }
}
