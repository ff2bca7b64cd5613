using System.Runtime.InteropServices;
using MsgNet.Bench;

namespace MsgNet.LoadBench.Relay;

/// <summary>Up to 64 datagrams of one system call. One thread.</summary>
internal sealed unsafe class DatagramBatch : IDisposable
{
    public const int Length = 64;
    public const int AddressLength = 16;
    private const int DontWait = 0x40;
    private const int SocketLevel = 1;

    private readonly SystemCalls.MessageHeader* headers =
        (SystemCalls.MessageHeader*)NativeMemory.AllocZeroed(Length, (nuint)sizeof(SystemCalls.MessageHeader));

    private readonly SystemCalls.Slice* slices = (SystemCalls.Slice*)NativeMemory.AllocZeroed(Length, (nuint)sizeof(SystemCalls.Slice));
    private readonly byte* addresses = (byte*)NativeMemory.AllocZeroed(Length, AddressLength);

    private readonly SystemCalls.Arrival* arrivals =
        (SystemCalls.Arrival*)NativeMemory.AllocZeroed(Length, (nuint)sizeof(SystemCalls.Arrival));

    public DatagramBatch()
    {
        for (var i = 0; i < Length; i++)
        {
            headers[i].Slices = slices + i;
            headers[i].SliceCount = 1;
        }
    }

    /// <summary>The address that datagram <paramref name="i"/> came from.</summary>
    public ReadOnlySpan<byte> From(int i) => new(addresses + (i * AddressLength), AddressLength);

    /// <summary>Bytes of datagram <paramref name="i"/> that were received.</summary>
    public int LengthOf(int i) => (int)headers[i].Length;

    /// <summary>Where datagram <paramref name="i"/> is, or shall go to.</summary>
    public void Set(int i, byte* bytes, int length) => slices[i] = new SystemCalls.Slice { Start = bytes, Length = (nuint)length };

    /// <summary>When datagram <paramref name="i"/> came to its socket: nanoseconds since 1970; 0 when the kernel did not say.</summary>
    public long ArrivedAt(int i)
    {
        ref var arrival = ref arrivals[i];
        var isTold = headers[i].ControlLength >= (nuint)sizeof(SystemCalls.Arrival)
            && arrival.Level == SocketLevel
            && arrival.Type == SystemCalls.Arrival.TypeOfIt;
        return isTold ? (arrival.At.Seconds * 1_000_000_000) + arrival.At.Nanoseconds : 0;
    }

    /// <summary>Receives what is there, into what was set; how many it was.</summary>
    public int Receive(int socket)
    {
        for (var i = 0; i < Length; i++)
        {
            headers[i].Name = addresses + (i * AddressLength);
            headers[i].NameLength = AddressLength;
            headers[i].Control = (byte*)(arrivals + i);
            headers[i].ControlLength = (nuint)sizeof(SystemCalls.Arrival);
        }

        return Math.Max(0, SystemCalls.ReceiveMany(socket, headers, Length, DontWait, null));
    }

    /// <summary>Sends the first <paramref name="count"/>; without an address the socket is connected.</summary>
    public void Send(int socket, int count, byte* to)
    {
        for (var i = 0; i < count; i++)
        {
            headers[i].Name = to;
            headers[i].NameLength = to is null ? 0u : AddressLength;
        }

        // An error, such as a refused port, belongs to the datagram at the front: it is lost, as it would be on a link.
        for (var sent = 0; sent < count;)
            sent += Math.Max(1, SystemCalls.SendMany(socket, headers + sent, (uint)(count - sent), 0));
    }

    public void Dispose()
    {
        NativeMemory.Free(headers);
        NativeMemory.Free(slices);
        NativeMemory.Free(addresses);
        NativeMemory.Free(arrivals);
    }
}
