using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Benchmarks;

/// <summary>
/// Two hosts whose ports, timers and work are served on the caller's thread, when he says so: what a host costs without the system.
/// </summary>
internal sealed class HostPair : IDisposable
{
    private static readonly ProtocolId Protocol = "/benchmark/1.0.0";
    private readonly OneThread platform = new();
    private readonly MessageHost sender;
    private readonly MessageHost receiver;

    public HostPair()
    {
        sender = Start([]);
        receiver = Start(["/ip4/127.0.0.1/udp/1"]);
        sender.Network.Peerstore.AddAddress(receiver.Id, receiver.Addresses[0]);
        receiver.SetMessageHandler(
            Protocol,
            (_, _) =>
            {
                Received++;
                return ValueTask.CompletedTask;
            },
            new HandlerOptions { Inline = true });
    }

    /// <summary>Messages that were handled.</summary>
    public long Received { get; private set; }

    public ValueTask Send(ReadOnlyMemory<byte> data, SendOptions options) => sender.SendMessage(receiver.Id, Protocol, data, options);

    public ValueTask Send(ReadOnlyMemory<ReadOnlyMemory<byte>> messages, SendOptions options) =>
        sender.SendMessages(receiver.Id, Protocol, messages, options);

    /// <summary>Lets both hosts work until as many were handled.</summary>
    public void RunUntil(long received)
    {
        while (Received < received)
            platform.Run();
    }

    public void Dispose()
    {
        End(sender.DisposeAsync().AsTask());
        End(receiver.DisposeAsync().AsTask());
    }

    private MessageHost Start(IReadOnlyList<Multiaddress> listen)
    {
        var options = new MsgNetOptions();
        foreach (var address in listen)
            options.Listen.Add(address);
        var starting = MessageHost.Start(platform, options, MessageHost.UdpTransports, NullLoggerFactory.Instance, default).AsTask();
        End(starting);
        return starting.Result;
    }

    private void End(Task task)
    {
        while (!task.IsCompleted)
            platform.Run();
    }

    private sealed class OneThread : IHostPlatform, IScheduler
    {
        private readonly Queue<IThreadPoolWorkItem> work = [];
        private readonly List<Timer> timers = [];
        private readonly List<Port> ports = [];

        public Instant Now => SystemClock.Now;

        public long UnixMicrosecondsAtZero => SystemClock.UnixMicrosecondsAtZero;

        public long UnixMicroseconds => SystemClock.UnixMicroseconds;

        public IScheduler Scheduler => this;

        public IRandom Random => Sodium.SystemRandom.Instance;

        public IReadOnlyList<IPAddress> LocalAddresses => [];

        public void Post(IThreadPoolWorkItem work) => this.work.Enqueue(work);

        public IPlatformTimer CreateTimer(Action callback)
        {
            var timer = new Timer(callback);
            timers.Add(timer);
            return timer;
        }

        public IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings)
        {
            var opened = new Port(this, NetAddress.From(IPAddress.Loopback, ports.Count + 1, localPort));
            ports.Add(opened);
            return opened;
        }

        public ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken) =>
            throw new NotSupportedException("There are no names here.");

        public void Run()
        {
            while (work.TryDequeue(out var next))
                next.Execute();
            for (var i = 0; i < ports.Count; i++)
                ports[i].Deliver();
            for (var i = 0; i < timers.Count; i++)
                timers[i].CallIfDue(Now);
        }

        private sealed class Timer(Action callback) : IPlatformTimer
        {
            private Instant when = Instant.Never;

            public void Set(Instant when) => this.when = when;

            public void CallIfDue(Instant now)
            {
                if (when > now)
                    return;

                when = Instant.Never;
                callback();
            }

            public void Dispose() => when = Instant.Never;
        }

        // Holds what was sent to it until it is told to deliver that; what does not fit is lost.
        private sealed class Port(OneThread platform, NetAddress local) : IDatagramPort
        {
            private readonly byte[] buffer = new byte[1 << 20];
            private readonly Queue<(NetAddress From, int Length, int SegmentSize)> runs = [];
            private IDatagramReceiver receiver = null!;
            private int used;

            public NetAddress Local => local;

            public void Start(IDatagramReceiver receiver) => this.receiver = receiver;

            public void Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize)
            {
                var other = platform.ports[to.Port - 1];
                if (!datagrams.TryCopyTo(other.buffer.AsSpan(other.used)))
                    return;

                other.used += datagrams.Length;
                other.runs.Enqueue((local with { LocalPort = other.Local.LocalPort }, datagrams.Length, segmentSize));
            }

            public void Deliver()
            {
                if (used == 0)
                    return;

                var start = 0;
                while (runs.TryDequeue(out var run))
                {
                    receiver.OnDatagrams(run.From, buffer.AsSpan(start, run.Length), run.SegmentSize);
                    start += run.Length;
                }

                used = 0;
                receiver.OnBatchEnd();
            }

            public void Dispose()
            {
            }
        }
    }
}
