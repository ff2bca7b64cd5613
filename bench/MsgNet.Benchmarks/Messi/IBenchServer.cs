namespace MsgNet.Benchmarks.Loads;

/// <summary>The server of one kind of transport: it counts loads and sends echoes back.</summary>
internal interface IBenchServer : IAsyncDisposable
{
    /// <summary>The port on 127.0.0.1.</summary>
    int Port { get; }

    /// <summary>Messages that came since the start.</summary>
    long Received { get; }

    /// <summary>Sends to the newest connection as fast as it goes.</summary>
    Task Flood(LoadInd message, CancellationToken stop);

    /// <summary>Sends to all connections.</summary>
    ValueTask Broadcast(LoadInd message);
}
