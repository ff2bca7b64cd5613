namespace MsgNet.Core;

/// <summary>One lane to or from a peer. A handle for the node's driver; only the node changes it. Not thread-safe.</summary>
public sealed class Lane
{
    /// <summary>Its number on the wire: <c>number &lt;&lt; 2 | unordered &lt;&lt; 1 | side</c>.</summary>
    public ulong Id => throw new NotImplementedException();

    /// <summary>The peer at the other end.</summary>
    public PeerId Peer => throw new NotImplementedException();

    /// <summary>The one protocol it carries; empty while an incoming lane has not said.</summary>
    public ProtocolId Protocol => throw new NotImplementedException();

    /// <summary>What it is for.</summary>
    public LaneKind Kind => throw new NotImplementedException();

    /// <summary>This side opened it.</summary>
    public bool IsOpener => throw new NotImplementedException();

    /// <summary>True until it has ended either way; an event says so once.</summary>
    public bool IsOpen => throw new NotImplementedException();

    /// <summary>This side has said that nothing follows what it has sent.</summary>
    public bool IsShutDown => throw new NotImplementedException();

    /// <summary>The peer will send nothing more on it, and everything it sent was taken.</summary>
    public bool IsReadEnded => throw new NotImplementedException();

    /// <summary>After this side's shutdown: the peer has consumed everything, the end included.</summary>
    public bool IsWriteEnded => throw new NotImplementedException();

    /// <summary>Messages accepted for sending; the newest has this number.</summary>
    public ulong Sent => throw new NotImplementedException();

    /// <summary>Messages the peer is done with: those numbered up to this.</summary>
    public ulong Delivered => throw new NotImplementedException();

    /// <summary>Bytes that wait in the send buffer or are under way.</summary>
    public long BytesQueued => throw new NotImplementedException();

    /// <summary>Free for the driver: what it keeps for the lane.</summary>
    public object? State { get; set; }
}
