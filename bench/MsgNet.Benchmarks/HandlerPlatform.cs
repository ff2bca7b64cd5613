using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Benchmarks;

/// <summary>Runs posted work when told to, on the caller's thread; timers stand still.</summary>
internal sealed class HandlerPlatform : IHostPlatform, IScheduler
{
    private readonly Queue<IThreadPoolWorkItem> work = [];

    public Instant Now => SystemClock.Now;

    public long UnixMicrosecondsAtZero => 0;

    public long UnixMicroseconds => Now.Microseconds;

    public IScheduler Scheduler => this;

    public IRandom Random => Sodium.SystemRandom.Instance;

    public IReadOnlyList<IPAddress> LocalAddresses => [];

    public void Post(IThreadPoolWorkItem work) => this.work.Enqueue(work);

    public void Run()
    {
        while (work.TryDequeue(out var next))
            next.Execute();
    }

    public IPlatformTimer CreateTimer(Action callback) => new StillTimer();

    public IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings) =>
        throw new NotSupportedException("Handlers open no port.");

    public ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken) =>
        throw new NotSupportedException("Handlers look up no name.");

    private sealed class StillTimer : IPlatformTimer
    {
        public void Set(Instant when)
        {
        }

        public void Dispose()
        {
        }
    }
}
