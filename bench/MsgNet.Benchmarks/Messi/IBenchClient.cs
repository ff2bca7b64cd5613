namespace MsgNet.Benchmarks.Loads;

/// <summary>One connection of a client. One caller sends at a time.</summary>
internal interface IBenchClient : IAsyncDisposable
{
    /// <summary>Called for each load that comes.</summary>
    Action OnLoad { get; set; }

    /// <summary>Called for each echo that comes; the message may be sent again.</summary>
    Func<EchoInd, ValueTask> OnEcho { get; set; }

    Task Connect();

    /// <summary>Sends one of many.</summary>
    ValueTask Send(LoadInd message);

    /// <summary>Sends one that is waited for.</summary>
    ValueTask Send(EchoInd message);
}
