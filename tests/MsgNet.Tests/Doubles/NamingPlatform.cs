using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Tests;

/// <summary>The operating system, but a name is looked up when the test says what it stands for.</summary>
internal sealed class NamingPlatform : IHostPlatform
{
    private static readonly SystemPlatform System = SystemPlatform.Instance;

    /// <summary>The look-ups so far, in order.</summary>
    public List<TaskCompletionSource<IReadOnlyList<IPAddress>>> Lookups { get; } = [];

    public Instant Now => System.Now;

    public long UnixMicrosecondsAtZero => System.UnixMicrosecondsAtZero;

    public long UnixMicroseconds => System.UnixMicroseconds;

    public IScheduler Scheduler => System.Scheduler;

    public IRandom Random => System.Random;

    public IReadOnlyList<IPAddress> LocalAddresses => System.LocalAddresses;

    public IPlatformTimer CreateTimer(Action callback) => System.CreateTimer(callback);

    public IDatagramPort OpenPort(IPAddress address, int port, int localPort) => System.OpenPort(address, port, localPort);

    public ValueTask<IReadOnlyList<IPAddress>> ResolveName(string name, CancellationToken cancellationToken)
    {
        var lookup = new TaskCompletionSource<IReadOnlyList<IPAddress>>();
        Lookups.Add(lookup);
        return new ValueTask<IReadOnlyList<IPAddress>>(lookup.Task);
    }
}
