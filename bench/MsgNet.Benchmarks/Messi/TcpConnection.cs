using System.Buffers.Binary;
using System.Net.Sockets;
using Google.Protobuf;

namespace MsgNet.Benchmarks.Loads;

/// <summary>
/// The least that .NET needs for typed messages over TCP, written by hand for one sender: a length before each, 64 KiB a read and a write,
/// no lock, no limit, no keep-alive.
/// </summary>
internal sealed class TcpConnection(Socket socket) : IDisposable
{
    private const int BufferSize = 64 * 1024;
    private readonly byte[] input = GC.AllocateUninitializedArray<byte>(BufferSize);
    private readonly byte[] output = GC.AllocateUninitializedArray<byte>(BufferSize);
    private int filled;

    public delegate void Payload(ReadOnlySpan<byte> payload);

    /// <summary>Writes a message with its length before it; returns the bytes of both.</summary>
    public static int Encode(IMessage message, Span<byte> destination)
    {
        var length = message.CalculateSize();
        BinaryPrimitives.WriteInt32BigEndian(destination, length);
        message.WriteTo(destination.Slice(sizeof(int), length));
        return sizeof(int) + length;
    }

    /// <summary>Adds a message to those of the next write, which happens when there is no room for it.</summary>
    public ValueTask Send(IMessage message)
    {
        if (filled + sizeof(int) + message.CalculateSize() > BufferSize)
            return FlushThenSend(message);

        filled += Encode(message, output.AsSpan(filled));
        return default;
    }

    public async ValueTask Flush()
    {
        var length = filled;
        filled = 0;
        for (var sent = 0; sent < length;)
            sent += await socket.SendAsync(output.AsMemory(sent, length - sent));
    }

    /// <summary>Writes at once, on the caller's thread.</summary>
    public void Write(ReadOnlySpan<byte> frame)
    {
        while (!frame.IsEmpty)
            frame = frame[socket.Send(frame)..];
    }

    /// <summary>Reads until the other end closes.</summary>
    /// <param name="onPayload">Called for each message.</param>
    public async Task Read(Payload onPayload)
    {
        try
        {
            for (var end = 0; ;)
            {
                var count = await socket.ReceiveAsync(input.AsMemory(end));
                if (count == 0)
                    return;

                end = Split(end + count, onPayload);
                if (filled > 0)
                    await Flush();
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed at this end, or reset by the other: the measurement is over.
        }
    }

    public void Dispose() => socket.Dispose();

    private async ValueTask FlushThenSend(IMessage message)
    {
        await Flush();
        await Send(message);
    }

    private int Split(int end, Payload onPayload)
    {
        var rest = input.AsSpan(0, end);
        while (rest.Length >= sizeof(int))
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(rest);
            if (rest.Length < sizeof(int) + length)
                break;

            onPayload(rest.Slice(sizeof(int), length));
            rest = rest[(sizeof(int) + length)..];
        }

        rest.CopyTo(input);
        return rest.Length;
    }
}
