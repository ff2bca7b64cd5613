using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation;

/// <summary>
/// What one life of a simulated host sees of the world: virtual time, a wall clock that may be wrong, its own stream of randomness.
/// </summary>
internal sealed class SimulatedPlatform : IHostPlatform, IScheduler
{
    private readonly SimulatedHost host;
    private readonly SimulationQueue queue;
    private readonly int clockRate;
    private readonly long start;

    public SimulatedPlatform(SimulatedHost host, SimulationQueue queue, IRandom random, SimulatedHostOptions options)
    {
        this.host = host;
        this.queue = queue;
        clockRate = options.ClockRate;
        Random = random;
        IsAlive = true;
        UnixMicrosecondsAtZero = SimulationClock.UnixMicrosecondsAtStart + (options.ClockSkew.Ticks / TimeSpan.TicksPerMicrosecond);
        if (options.ClockResets)
            UnixMicrosecondsAtZero -= Now.Microseconds;

        start = UnixMicrosecondsAtZero;
        UnixMicrosecondsAtZero += OffsetMicroseconds;
    }

    /// <summary>False once the host crashed; what was posted before is then forgotten too.</summary>
    public bool IsAlive { get; private set; }

    /// <inheritdoc/>
    public Instant Now => new(queue.Clock.Now.Ticks * clockRate);

    /// <inheritdoc/>
    public long UnixMicrosecondsAtZero { get; }

    /// <inheritdoc/>
    public long UnixMicroseconds => start + OffsetMicroseconds + Now.Microseconds;

    /// <inheritdoc/>
    public IScheduler Scheduler => this;

    /// <inheritdoc/>
    public IRandom Random { get; }

    /// <inheritdoc/>
    public IReadOnlyList<IPAddress> LocalAddresses => host.LocalAddresses;

    /// <inheritdoc/>
    public IPlatformTimer CreateTimer(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return new SimulatedTimer(queue, clockRate, () =>
        {
            if (IsAlive)
                callback();
        });
    }

    private long OffsetMicroseconds => host.WallClockOffset.Ticks / TimeSpan.TicksPerMicrosecond;

    /// <inheritdoc/>
    public IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings)
    {
        ObjectDisposedException.ThrowIf(!IsAlive, this);
        return host.OpenPort(address, port, localPort);
    }

    /// <inheritdoc/>
    public ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        foreach (var other in host.Network.Hosts)
        {
            if (string.Equals(other.Name, name, StringComparison.OrdinalIgnoreCase))
                return new([other.Nat.VisibleIPv4.ToIPAddress(), other.Nat.VisibleIPv6.ToIPAddress()]);
        }

        return new([]);
    }

    /// <inheritdoc/>
    public void Post(IThreadPoolWorkItem work)
    {
        if (IsAlive)
            queue.Scheduler.Post(work, this);
    }

    /// <summary>Ends this life: no timer, no posted work, no datagram reaches it any more.</summary>
    public void Kill() => IsAlive = false;
}
