namespace MsgNet.Core;

/// <summary>What happened to an MSP connection.</summary>
public enum MspEventKind
{
    /// <summary>A listener has a new connection; <see cref="MspEvent.Listener"/> names it.</summary>
    Accepted,

    /// <summary>The first packet of the peer has come.</summary>
    Connected,

    /// <summary>There is a message to take, where there was none.</summary>
    Readable,

    /// <summary><see cref="MspConnection.Delivered"/> has grown.</summary>
    Delivered,

    /// <summary>There is room again after <see cref="MspConnection.TrySend"/> found none.</summary>
    Writable,

    /// <summary>The peer sends no more messages, and all it sent were consumed.</summary>
    ShutdownRemote,

    /// <summary>It has ended; <see cref="MspConnection.End"/> says how. The last event of a connection.</summary>
    Closed,
}
