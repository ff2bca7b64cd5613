using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MsgNet.LoadBench.Contestants;

/// <summary>What .NET itself makes of UDP: a message is a datagram and a call. No order, no delivery, no secrets.</summary>
internal sealed class DotnetUdp : IContestant
{
    private const int DatagramMax = 65_507;
    private const int BufferBytes = 4 << 20;
    private const int PatienceMilliseconds = 100;

    public string Name => "raw .NET UDP";

    public string? Missing => null;

    public bool IsForLinks => false;

    public bool CanDo(LoadWork work) => work.Size is >= sizeof(long) and <= DatagramMax;

    public Task<IListener> Listen(LoadWork work) => Task.FromResult<IListener>(new Listener(work));

    public Task<ICaller> Connect(LoadWork work, Target target) => Task.FromResult<ICaller>(new Caller(work, target));

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp)
        {
            ReceiveBufferSize = BufferBytes,
            SendBufferSize = BufferBytes,
            ReceiveTimeout = PatienceMilliseconds,
        };
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private static bool TryReceive(Socket socket, byte[] buffer, SocketAddress from, out int length)
    {
        try
        {
            length = socket.ReceiveFrom(buffer.AsSpan(), SocketFlags.None, from);
            return true;
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.TimedOut or SocketError.ConnectionRefused)
        {
            length = 0;
            return false;
        }
    }

    private sealed class Listener : IListener
    {
        private readonly Socket socket = Open();
        private readonly LoopThread thread;
        private Count received;

        public Listener(LoadWork work)
        {
            Target = new Target(((IPEndPoint)socket.LocalEndPoint!).Port, "");
            thread = new LoopThread("raw .NET UDP", stop => Receive(work.Kind == LoadKind.RoundTrip, stop));
        }

        public Target Target { get; }

        public long Received => received.Value;

        public ValueTask DisposeAsync()
        {
            thread.Dispose();
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        private void Receive(bool answers, CancellationToken stop)
        {
            var buffer = GC.AllocateArray<byte>(DatagramMax, pinned: true);
            var from = new SocketAddress(AddressFamily.InterNetwork);
            while (!stop.IsCancellationRequested)
            {
                if (!TryReceive(socket, buffer, from, out var length))
                    continue;

                received.Add(1);
                if (answers)
                    socket.SendTo(buffer.AsSpan(0, length), SocketFlags.None, from);
            }
        }
    }

    private sealed class Caller(LoadWork work, Target target) : ICaller
    {
        private readonly Socket socket = Open();
        private readonly SocketAddress to = new IPEndPoint(IPAddress.Loopback, target.Port).Serialize();
        private readonly byte[] message = GC.AllocateArray<byte>(work.Size, pinned: true);
        private Count sent;

        public long Sent => sent.Value;

        public Task Send(CancellationToken stop)
        {
            while (!stop.IsCancellationRequested)
            {
                socket.SendTo(message, SocketFlags.None, to);
                sent.Add(1);
            }

            return Task.CompletedTask;
        }

        public Task Ask(RoundTrips times, CancellationToken stop)
        {
            var buffer = GC.AllocateArray<byte>(DatagramMax, pinned: true);
            var from = new SocketAddress(AddressFamily.InterNetwork);
            var start = System.Diagnostics.Stopwatch.GetTimestamp();
            while (!stop.IsCancellationRequested)
            {
                BinaryPrimitives.WriteInt64LittleEndian(message, sent.Value);
                socket.SendTo(message, SocketFlags.None, to);
                sent.Add(1);
                if (TryReceive(buffer, from))
                    start = times.AddSince(start);
            }

            return Task.CompletedTask;
        }

        public ValueTask DisposeAsync()
        {
            socket.Dispose();
            return ValueTask.CompletedTask;
        }

        // An answer that comes too late is not the next one's.
        private bool TryReceive(byte[] buffer, SocketAddress from)
        {
            while (DotnetUdp.TryReceive(socket, buffer, from, out var length))
            {
                if (length == message.Length && buffer.AsSpan(0, sizeof(long)).SequenceEqual(message.AsSpan(0, sizeof(long))))
                    return true;
            }

            return false;
        }
    }
}
