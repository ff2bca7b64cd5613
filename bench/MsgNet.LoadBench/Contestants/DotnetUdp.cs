using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace MsgNet.LoadBench.Contestants;

/// <summary>What .NET itself makes of UDP: a message is a datagram and a call. No order, no delivery, no secrets.</summary>
internal sealed class DotnetUdp : IContestant
{
    public string Name => "raw .NET UDP";

    public string? Missing => null;

    public bool IsForLinks => false;

    public bool CanDo(LoadWork work) => work.Size is >= sizeof(long) and <= UdpListener.DatagramMax;

    public Task<IListener> Listen(LoadWork work) => Task.FromResult<IListener>(new UdpListener("raw .NET UDP", work, Receive));

    public Task<ICaller> Connect(LoadWork work, Target target) => Task.FromResult<ICaller>(new Caller(work, target));

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

    private static void Receive(Socket socket, ref Count received, bool answers, CancellationToken stop)
    {
        var buffer = GC.AllocateArray<byte>(UdpListener.DatagramMax, pinned: true);
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

    private sealed class Caller(LoadWork work, Target target) : ICaller
    {
        private readonly Socket socket = UdpListener.Open();
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
            var buffer = GC.AllocateArray<byte>(UdpListener.DatagramMax, pinned: true);
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
