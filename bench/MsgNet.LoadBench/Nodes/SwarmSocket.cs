using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using MsgNet.Bench;

namespace MsgNet.LoadBench.Nodes;

/// <summary>One UDP socket that stands for thousands of addresses of 127.0.0.0/8, each a peer of its own. Linux. One thread.</summary>
internal sealed unsafe class SwarmSocket : IDisposable
{
    /// <summary>Datagrams of a system call.</summary>
    public const int BatchLength = 64;

    private const uint First = 0x7F01_0000; // 127.1.0.0
    private const int SlotLength = 2_048;
    private const int AddressLength = 16;
    private const int BufferBytes = 4 << 20;
    private const int DontWait = 0x40;
    private const short Readable = 1;

    private readonly Socket socket = new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly SystemCalls.MessageHeader* headers = Zeroed<SystemCalls.MessageHeader>();
    private readonly SystemCalls.Slice* slices = Zeroed<SystemCalls.Slice>();
    private readonly SystemCalls.PacketInformation* controls = Zeroed<SystemCalls.PacketInformation>();
    private readonly byte* addresses = (byte*)NativeMemory.AllocZeroed(BatchLength, AddressLength);
    private readonly byte* bytes = (byte*)NativeMemory.AllocZeroed(BatchLength, SlotLength);

    public SwarmSocket()
    {
        socket.ReceiveBufferSize = BufferBytes;
        socket.SendBufferSize = BufferBytes;
        socket.SetSocketOption(SocketOptionLevel.IP, SocketOptionName.PacketInformation, true);
        socket.Bind(new IPEndPoint(IPAddress.Any, 0));
        for (var i = 0; i < BatchLength; i++)
        {
            slices[i] = new SystemCalls.Slice { Start = bytes + (i * SlotLength), Length = SlotLength };
            headers[i].Slices = slices + i;
            headers[i].SliceCount = 1;
        }
    }

    public int Port => ((IPEndPoint)socket.LocalEndPoint!).Port;

    /// <summary>The address of a peer.</summary>
    public static IPAddress AddressOf(int peer) => new(BinaryPrimitives.ReverseEndianness(First + (uint)peer));

    /// <summary>Waits for datagrams, at most some milliseconds, and receives them; how many there are.</summary>
    public int Receive(int milliseconds)
    {
        var time = new SystemCalls.TimeValue { Nanoseconds = milliseconds * 1_000_000L };
        var entry = new SystemCalls.PollEntry { Socket = (int)socket.Handle, Events = Readable };
        if (SystemCalls.Poll(&entry, 1, &time, null) <= 0)
            return 0;

        for (var i = 0; i < BatchLength; i++)
        {
            headers[i].Name = addresses + (i * AddressLength);
            headers[i].NameLength = AddressLength;
            headers[i].Control = (byte*)(controls + i);
            headers[i].ControlLength = (nuint)sizeof(SystemCalls.PacketInformation);
        }

        return Math.Max(0, SystemCalls.ReceiveMany((int)socket.Handle, headers, BatchLength, DontWait, null));
    }

    /// <summary>The peer that received datagram <paramref name="i"/> was sent to; negative when it is none.</summary>
    public int PeerOf(int i) => (int)(BinaryPrimitives.ReverseEndianness(controls[i].Destination) - First);

    /// <summary>Where received datagram <paramref name="i"/> came from.</summary>
    public ReadOnlySpan<byte> From(int i) => new(addresses + (i * AddressLength), AddressLength);

    /// <summary>The bytes of received datagram <paramref name="i"/>.</summary>
    public Span<byte> Datagram(int i) => new(bytes + (i * SlotLength), (int)headers[i].Length);

    /// <summary>Sends a datagram from a peer's address.</summary>
    public void Send(int peer, ReadOnlySpan<byte> to, ReadOnlySpan<byte> datagram)
    {
        var control = new SystemCalls.PacketInformation
        {
            Length = (nuint)sizeof(SystemCalls.PacketInformation) - 4,
            Type = SystemCalls.PacketInformation.TypeOfIt,
            Source = BinaryPrimitives.ReverseEndianness(First + (uint)peer),
        };
        fixed (byte* address = to, start = datagram)
        {
            var slice = new SystemCalls.Slice { Start = start, Length = (nuint)datagram.Length };
            var header = new SystemCalls.MessageHeader
            {
                Name = address,
                NameLength = AddressLength,
                Slices = &slice,
                SliceCount = 1,
                Control = (byte*)&control,
                ControlLength = (nuint)sizeof(SystemCalls.PacketInformation),
            };
            _ = SystemCalls.SendMany((int)socket.Handle, &header, 1, 0);
        }
    }

    public void Dispose()
    {
        socket.Dispose();
        NativeMemory.Free(headers);
        NativeMemory.Free(slices);
        NativeMemory.Free(controls);
        NativeMemory.Free(addresses);
        NativeMemory.Free(bytes);
    }

    private static T* Zeroed<T>()
        where T : unmanaged => (T*)NativeMemory.AllocZeroed(BatchLength, (nuint)sizeof(T));
}
