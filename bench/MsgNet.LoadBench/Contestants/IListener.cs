namespace MsgNet.LoadBench.Contestants;

/// <summary>The end that takes messages or sends them back, from when it is made until it is disposed.</summary>
internal interface IListener : IAsyncDisposable
{
    /// <summary>Where it is.</summary>
    Target Target { get; }

    /// <summary>Messages that came; safe on any thread.</summary>
    long Received { get; }
}
