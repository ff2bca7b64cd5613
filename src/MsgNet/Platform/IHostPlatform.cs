using System.Net;
using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>
/// Everything a host needs from outside: time, work, ports, randomness. Two users: the operating system (<see cref="SystemPlatform"/>) and
/// the simulator, which is what lets a seed replay the real stack.
/// </summary>
internal interface IHostPlatform
{
    /// <summary>The monotonic time.</summary>
    Instant Now { get; }

    /// <summary>Wall clock at <see cref="Instant.Zero"/>, in microseconds since 1970; read once.</summary>
    long UnixMicrosecondsAtZero { get; }

    /// <summary>The wall clock now, in microseconds since 1970: it jumps, and it sees the time a machine sleeps.</summary>
    long UnixMicroseconds { get; }

    /// <summary>Where user code runs.</summary>
    IScheduler Scheduler { get; }

    /// <summary>The source of randomness.</summary>
    IRandom Random { get; }

    /// <summary>A timer that runs <paramref name="callback"/> on the platform's timer thread, which must not be blocked.</summary>
    IPlatformTimer CreateTimer(Action callback);

    /// <summary>Binds a UDP port.</summary>
    /// <param name="address">Address to bind; any-address allowed.</param>
    /// <param name="port">Port, 0 for the system's choice.</param>
    /// <param name="localPort">The number that <see cref="NetAddress.LocalPort"/> of its datagrams will carry.</param>
    /// <param name="settings">How it moves datagrams.</param>
    /// <exception cref="MsgNetException">The system refused; the message says why and what to do.</exception>
    IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings);

    /// <summary>Unicast addresses of this machine, to expand an any-address listener.</summary>
    IReadOnlyList<IPAddress> LocalAddresses { get; }

    /// <summary>Resolves a DNS name to addresses; empty when there are none.</summary>
    ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken);
}
