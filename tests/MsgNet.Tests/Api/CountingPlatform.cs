using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests.Api;

/// <summary>The operating system, with a list of the ports that were opened.</summary>
internal sealed class CountingPlatform : IHostPlatform
{
    private static readonly SystemPlatform System = SystemPlatform.Instance;

    public List<IPAddress> Opened { get; } = [];

    public Instant Now => System.Now;

    public long UnixMicrosecondsAtZero => System.UnixMicrosecondsAtZero;

    public long UnixMicroseconds => System.UnixMicroseconds;

    public IScheduler Scheduler => System.Scheduler;

    public IRandom Random => System.Random;

    public IReadOnlyList<IPAddress> LocalAddresses => System.LocalAddresses;

    public IPlatformTimer CreateTimer(Action callback) => System.CreateTimer(callback);

    public IDatagramPort OpenPort(IPAddress address, int port, int localPort)
    {
        lock (Opened)
            Opened.Add(address);

        return System.OpenPort(address, port, localPort);
    }

    public ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken) =>
        System.ResolveName(name, cancellationToken);
}
