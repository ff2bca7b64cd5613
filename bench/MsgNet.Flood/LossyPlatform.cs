using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Flood;

/// <summary>The operating system, but one datagram of twenty that is sent gets lost.</summary>
internal sealed class LossyPlatform : IHostPlatform
{
    private const double Loss = 0.05;
    private static readonly SystemPlatform System = SystemPlatform.Instance;

    public static LossyPlatform Instance { get; } = new();

    public Instant Now => System.Now;

    public long UnixMicrosecondsAtZero => System.UnixMicrosecondsAtZero;

    public long UnixMicroseconds => System.UnixMicroseconds;

    public IScheduler Scheduler => System.Scheduler;

    public IRandom Random => System.Random;

    public IReadOnlyList<IPAddress> LocalAddresses => System.LocalAddresses;

    public IPlatformTimer CreateTimer(Action callback) => System.CreateTimer(callback);

    public IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings) =>
        new Port(System.OpenPort(address, port, localPort, settings));

    public ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken) =>
        System.ResolveName(name, cancellationToken);

    private sealed class Port(IDatagramPort inner) : IDatagramPort
    {
        public NetAddress Local => inner.Local;

        public void Start(IDatagramReceiver receiver) => inner.Start(receiver);

        public void Send(in NetAddress to, ReadOnlySpan<byte> datagrams, int segmentSize)
        {
            var run = new DatagramRun(datagrams.Length, segmentSize);
            while (run.TryNext(out var datagram))
            {
                if (global::System.Random.Shared.NextDouble() >= Loss)
                    inner.Send(to, datagrams[datagram]);
            }
        }

        public void Dispose() => inner.Dispose();
    }
}
