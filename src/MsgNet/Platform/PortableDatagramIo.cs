using System.Net;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>One datagram a call, by what .NET has on every system.</summary>
internal sealed unsafe class PortableDatagramIo : IDatagramIo
{
    private readonly Socket socket;
    private readonly int localPort;
    private readonly Lock sending = new();
    private readonly SocketAddress to; // of the thread that sends
    private readonly SocketAddress from;
    private readonly byte[] buffer; // pinned
    private readonly ReceivedRun[] received = new ReceivedRun[1];

    /// <param name="socket">The bound socket.</param>
    /// <param name="localPort">The number that <see cref="NetAddress.LocalPort"/> of its datagrams carries.</param>
    /// <param name="datagramMax">The longest datagram that is taken.</param>
    public PortableDatagramIo(Socket socket, int localPort, int datagramMax)
    {
        this.socket = socket;
        this.localPort = localPort;
        to = SystemSocketAddress.Create(socket.AddressFamily);
        from = SystemSocketAddress.Create(socket.AddressFamily);

        // One byte more, to see that something was cut: not every system tells.
        buffer = GC.AllocateUninitializedArray<byte>(datagramMax + 1, pinned: true);
    }

    /// <inheritdoc/>
    public bool MayHoldMore => true;

    /// <inheritdoc/>
    public int Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize)
    {
        var run = new DatagramRun(datagrams.Length, segmentSize);
        lock (sending)
        {
            if (!SystemSocketAddress.TryWrite(to, this.to.Family, this.to.Buffer.Span))
                return run.Count;

            var refused = 0;
            while (run.TryNext(out var datagram))
                refused += TrySend(datagrams[datagram]) ? 0 : 1;
            return refused;
        }
    }

    /// <inheritdoc/>
    public ReadOnlySpan<ReceivedRun> Receive(bool wait, out SocketError error)
    {
        error = SocketError.Success;
        int length;
        try
        {
            if (!wait && socket.Available == 0)
                return [];

            length = socket.ReceiveFrom(buffer.AsSpan(), SocketFlags.None, from);
        }
        catch (SocketException exception)
        {
            error = exception.SocketErrorCode;
            return [];
        }

        if (length == buffer.Length)
        {
            error = SocketError.MessageSize;
            return [];
        }

        var source = SystemSocketAddress.Read(from.Family, from.Buffer.Span, localPort);
        received[0] = new ReceivedRun(source, (byte*)Unsafe.AsPointer(ref buffer[0]), length, length);
        return received;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // The collector has the buffer.
    }

    private bool TrySend(ReadOnlySpan<byte> datagram)
    {
        try
        {
            socket.SendTo(datagram, SocketFlags.None, to);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
