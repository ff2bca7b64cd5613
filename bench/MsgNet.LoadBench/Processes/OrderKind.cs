namespace MsgNet.LoadBench.Processes;

/// <summary>What a child can be told to do.</summary>
internal enum OrderKind
{
    /// <summary>Open the end that takes messages.</summary>
    Listen,

    /// <summary>Open the end that sends.</summary>
    Connect,

    /// <summary>Begin to send.</summary>
    Send,

    /// <summary>Say what was done and used until now.</summary>
    Mark,

    /// <summary>Stop sending.</summary>
    Stop,

    /// <summary>Make round trips for a time, and say how long they took.</summary>
    Ask,

    /// <summary>Close what is open.</summary>
    Close,
}
