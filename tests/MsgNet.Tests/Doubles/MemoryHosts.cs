using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Platform;
using MsgNet.Sodium;

namespace MsgNet.Tests;

/// <summary>Hosts that talk over a hub of their own, so that tests in parallel do not meet.</summary>
internal sealed class MemoryHosts
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly IHostPlatform platform;

    public MemoryHosts(IHostPlatform? platform = null) => this.platform = platform ?? SystemPlatform.Instance;

    public MemoryHub Hub { get; } = new();

    /// <summary>Two hosts on the system's platform; each listens, and <paramref name="a"/> knows where the other does.</summary>
    public static void Pair(out MessageHost a, out MessageHost b)
    {
        var hosts = new MemoryHosts();
        a = hosts.Listening();
        b = hosts.Listening();
        Introduce(a, b);
    }

    /// <summary>Two hosts whose work runs when the test says so.</summary>
    public static FakePlatform ManualPair(out MessageHost a, out MessageHost b)
    {
        var platform = new FakePlatform();
        var hosts = new MemoryHosts(platform);
        a = hosts.Listening();
        b = hosts.Listening();
        Introduce(a, b);
        return platform;
    }

    /// <summary>Tells <paramref name="who"/> where <paramref name="whom"/> listens.</summary>
    public static void Introduce(MessageHost who, MessageHost whom)
    {
        foreach (var address in whom.Addresses)
            who.Network.Peerstore.AddAddress(whom.Id, address);
    }

    /// <summary>A host that does not listen.</summary>
    public MessageHost Silent(Action<MsgNetOptions>? configure = null)
    {
        var options = new MsgNetOptions();
        configure?.Invoke(options);
        var identity = Identity.Generate();
        return MessageHost.Create(
            platform,
            identity,
            identity.TakeFreshness(),
            new SodiumChannelCrypto(identity, SystemPlatform.Instance.Random),
            identity.Id,
            options,
            [context => new MemoryTransport(context, Hub)],
            NullLoggerFactory.Instance);
    }

    /// <summary>A host on a number of the hub's choice.</summary>
    public MessageHost Listening(Action<MsgNetOptions>? configure = null)
    {
        var host = Silent(configure);
        var listening = host.Network.Listen("/memory/0");
        Assert.True(listening.IsCompletedSuccessfully);
        return host;
    }

    /// <summary>The result of what must have ended by now.</summary>
    public static T Now<T>(ValueTask<T> task)
    {
        Assert.True(task.IsCompleted);
        return task.GetAwaiter().GetResult();
    }

    public static Task Soon(Task task) => task.WaitAsync(Patience);

    public static Task Soon(ValueTask task) => task.AsTask().WaitAsync(Patience);

    public static Task<T> Soon<T>(Task<T> task) => task.WaitAsync(Patience);

    public static Task<T> Soon<T>(ValueTask<T> task) => task.AsTask().WaitAsync(Patience);
}
