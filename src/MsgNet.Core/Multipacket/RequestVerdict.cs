namespace MsgNet.Core;

/// <summary>What to do with a request that arrived.</summary>
internal enum RequestVerdict
{
    /// <summary>Never seen: run its handler.</summary>
    New,

    /// <summary>Answered already: send that reply again.</summary>
    Replied,

    /// <summary>Seen, and its handler still runs, or its reply is gone, or the id is too old to say: stay silent.</summary>
    Seen,
}
