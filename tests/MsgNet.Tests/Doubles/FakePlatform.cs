using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests;

/// <summary>A platform whose time stands still until a test moves it. It has no network.</summary>
internal sealed class FakePlatform : IHostPlatform
{
    private readonly List<FakeTimer> timers = [];

    public Instant Now { get; private set; } = Instant.FromMicroseconds(1_000_000);

    public long UnixMicrosecondsAtZero => 0;

    public long UnixMicroseconds => Now.Microseconds;

    public ManualScheduler Manual { get; } = new();

    public IScheduler Scheduler => Manual;

    public IRandom Random => throw new NotSupportedException("This platform has no randomness.");

    public IReadOnlyList<IPAddress> LocalAddresses => [];

    /// <summary>Timers that were made and not disposed.</summary>
    public int TimerCount => timers.Count;

    /// <summary>How often a timer was armed.</summary>
    public int TimersArmed { get; private set; }

    public IPlatformTimer CreateTimer(Action callback)
    {
        var timer = new FakeTimer(this, callback);
        timers.Add(timer);
        return timer;
    }

    /// <summary>Moves time and calls the timers that are due; what they post runs when the test says so.</summary>
    public void Advance(TimeSpan by)
    {
        Now += by;
        foreach (var timer in timers.ToArray())
            timer.CallIfDue();
    }

    public IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings) =>
        throw new NotSupportedException("This platform has no network.");

    public ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken) =>
        throw new NotSupportedException("This platform has no network.");

    private sealed class FakeTimer(FakePlatform platform, Action callback) : IPlatformTimer
    {
        private Instant when = Instant.Never;

        public void Set(Instant at)
        {
            when = at;
            platform.TimersArmed++;
        }

        public void CallIfDue()
        {
            if (when > platform.Now)
                return;

            when = Instant.Never;
            callback();
        }

        public void Dispose()
        {
            when = Instant.Never;
            platform.timers.Remove(this);
        }
    }
}
