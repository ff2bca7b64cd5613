namespace MsgNet;

/// <summary>How a handler is run.</summary>
public sealed record HandlerOptions
{
    /// <summary>The defaults: one call at a time, on the thread pool, 30 s.</summary>
    public static HandlerOptions Default { get; } = new();

    /// <summary>Calls at once, 1 to 1,024; messages of one peer still run one at a time and in order. Default 1.</summary>
    public int Concurrency { get; init; } = 1;

    /// <summary>
    /// Run on the receive thread, without a queue. Such a handler must not block; one call above 1 ms is logged once. Default false.
    /// </summary>
    public bool Inline { get; init; }

    /// <summary>When a call's token is cancelled; more than zero, at most 1 hour. Default 30 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
