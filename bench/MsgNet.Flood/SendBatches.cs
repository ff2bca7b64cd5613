using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MsgNet.Bench;

namespace MsgNet.Flood;

/// <summary>Datagrams laid out for <c>sendmmsg</c>, each with a source address of its own. Linux, 64 bits.</summary>
internal sealed unsafe class SendBatches : IDisposable
{
    /// <summary>Datagrams per system call.</summary>
    public const int BatchLength = 64;

    private const int IpLevel = 0;
    private const int AddressLength = 16;

    private readonly Socket socket;
    private readonly int count;
    private readonly SystemCalls.MessageHeader* messages;
    private readonly SystemCalls.PacketInformation* controls;
    private readonly SystemCalls.Slice* slices;
    private readonly byte* to;
    private readonly byte* bytes;
    private int next;

    public SendBatches(Socket socket, IPEndPoint to, byte[][] packets)
    {
        this.socket = socket;
        count = packets.Length / BatchLength * BatchLength;
        messages = (SystemCalls.MessageHeader*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(SystemCalls.MessageHeader));
        controls = (SystemCalls.PacketInformation*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(SystemCalls.PacketInformation));
        slices = (SystemCalls.Slice*)NativeMemory.AllocZeroed((nuint)count, (nuint)sizeof(SystemCalls.Slice));
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
        var sent = SystemCalls.SendMany((int)socket.Handle, messages + next, BatchLength, 0);
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
        slices[i] = new SystemCalls.Slice { Start = packet, Length = (nuint)length };
        controls[i] = new SystemCalls.PacketInformation
        {
            Length = (nuint)sizeof(SystemCalls.PacketInformation) - 4,
            Level = IpLevel,
            Type = SystemCalls.PacketInformation.TypeOfIt,
            Source = BinaryPrimitives.ReverseEndianness(0x7F01_0000u + ((uint)i * 2_654_435_761u >> 12)),
        };
        messages[i] = new SystemCalls.MessageHeader
        {
            Name = to,
            NameLength = AddressLength,
            Slices = slices + i,
            SliceCount = 1,
            Control = (byte*)(controls + i),
            ControlLength = (nuint)sizeof(SystemCalls.PacketInformation),
        };
    }
}
