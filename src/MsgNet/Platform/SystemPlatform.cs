using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.Sodium;

namespace MsgNet.Platform;

/// <summary>The operating system as a host's platform. Safe on any thread.</summary>
internal sealed class SystemPlatform : IHostPlatform
{
    private SystemPlatform()
    {
    }

    /// <summary>The platform of this process.</summary>
    public static SystemPlatform Instance { get; } = new();

    /// <inheritdoc/>
    public Instant Now => SystemClock.Now;

    /// <inheritdoc/>
    public long UnixMicrosecondsAtZero => SystemClock.UnixMicrosecondsAtZero;

    /// <inheritdoc/>
    public long UnixMicroseconds => SystemClock.UnixMicroseconds;

    /// <inheritdoc/>
    public IScheduler Scheduler { get; } = new ThreadPoolScheduler();

    /// <inheritdoc/>
    public IRandom Random => SystemRandom.Instance;

    /// <summary>
    /// Unicast addresses of the interfaces that are up, loopback last; without link-local IPv6, which means nothing without its scope.
    /// </summary>
    public IReadOnlyList<IPAddress> LocalAddresses => FindLocalAddresses();

    /// <inheritdoc/>
    public IPlatformTimer CreateTimer(Action callback)
    {
        ArgumentNullException.ThrowIfNull(callback);
        return TimerThread.Instance.Create(callback);
    }

    /// <inheritdoc/>
    public IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings) =>
        UdpPort.Open(address, port, localPort, settings);

    /// <inheritdoc/>
    public async ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        try
        {
            return await Dns.GetHostAddressesAsync(name, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException)
        {
            // The resolver's many ways to say that it has no answer; the caller reports the name with every address it tried.
            return [];
        }
    }

    private static List<IPAddress> FindLocalAddresses()
    {
        var addresses = new List<IPAddress>();
        var loopback = new List<IPAddress>();
        foreach (var network in NetworkInterface.GetAllNetworkInterfaces())
        {
            if (network.OperationalStatus == OperationalStatus.Down)
                continue;

            foreach (var unicast in network.GetIPProperties().UnicastAddresses)
            {
                var address = unicast.Address;
                if (!address.IsIPv6LinkLocal && !addresses.Contains(address) && !loopback.Contains(address))
                    (IPAddress.IsLoopback(address) ? loopback : addresses).Add(address);
            }
        }

        addresses.AddRange(loopback);
        return addresses;
    }
}
