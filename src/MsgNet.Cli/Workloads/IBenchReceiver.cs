namespace MsgNet.Cli.Workloads;

/// <summary>The other end of a benchmark, here or in another process.</summary>
internal interface IBenchReceiver : IAsyncDisposable
{
    /// <summary>Where it can be dialled.</summary>
    IReadOnlyList<Multiaddress> Addresses { get; }

    /// <summary>True when it runs in this process, whose use of resources then includes it.</summary>
    bool IsHere { get; }

    /// <summary>Begins to measure.</summary>
    Task Start(CancellationToken cancellationToken);

    /// <summary>What came since the start.</summary>
    Task<ReceiverLine> Stop(CancellationToken cancellationToken);
}
