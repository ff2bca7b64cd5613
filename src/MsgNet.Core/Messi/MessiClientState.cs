using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>Where a <see cref="MessiClientMachine"/> is.</summary>
public enum MessiClientState
{
    /// <summary>Nothing is wanted.</summary>
    Stopped,

    /// <summary>A connection is being made.</summary>
    Connecting,

    /// <summary>There is a connection.</summary>
    Connected,

    /// <summary>The next attempt waits for its time.</summary>
    WaitReconnect,
}
