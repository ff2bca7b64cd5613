using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests;

/// <summary>The operating system, for doubles that change a part of it.</summary>
internal abstract class WrappedPlatform : IHostPlatform
{
    private static readonly SystemPlatform System = SystemPlatform.Instance;

    public virtual Instant Now => System.Now;

    public long UnixMicrosecondsAtZero => System.UnixMicrosecondsAtZero;

    public virtual long UnixMicroseconds => System.UnixMicroseconds;

    public IScheduler Scheduler => System.Scheduler;

    public IRandom Random => System.Random;

    public IReadOnlyList<IPAddress> LocalAddresses => System.LocalAddresses;

    public virtual IPlatformTimer CreateTimer(Action callback) => System.CreateTimer(callback);

    public virtual IDatagramPort OpenPort(IPAddress address, int port, int localPort, DatagramPortSettings settings) =>
        System.OpenPort(address, port, localPort, settings);

    public virtual ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken) =>
        System.ResolveName(name, cancellationToken);
}
