namespace MsgNet.Core;

/// <summary>How an MSP connection ended.</summary>
public enum MspEnd
{
    /// <summary>It has not.</summary>
    None,

    /// <summary>Both sides shut down, and each has consumed what the other sent.</summary>
    Completed,

    /// <summary>The peer does not know it, or gave it up.</summary>
    StoppedByPeer,

    /// <summary>This side gave it up and told the peer.</summary>
    StoppedLocally,

    /// <summary>This side gave it up and told nobody.</summary>
    Abandoned,

    /// <summary>Nothing came from the peer for 10 s.</summary>
    TimedOut,
}
