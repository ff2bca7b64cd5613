namespace MsgNet.LoadBench.Contestants;

/// <summary>The end that sends. Its calls come one at a time, each on a thread of its own, which they may block.</summary>
internal interface ICaller : IAsyncDisposable
{
    /// <summary>Messages handed over so far; safe on any thread.</summary>
    long Sent { get; }

    /// <summary>Sends as fast as the other end takes it, with bounded memory, until <paramref name="stop"/>.</summary>
    Task Send(CancellationToken stop);

    /// <summary>Makes one round trip after the other until <paramref name="stop"/>.</summary>
    Task Ask(RoundTrips times, CancellationToken stop);
}
