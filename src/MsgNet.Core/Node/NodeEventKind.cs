namespace MsgNet.Core;

/// <summary>What a machine reports to its driver.</summary>
public enum NodeEventKind
{
    /// <summary>A message arrived on a registered protocol; a request when <see cref="NodeEvent.RequestId"/> is not 0.</summary>
    Message,

    /// <summary>The reply to a request of ours arrived; <see cref="NodeEvent.State"/> is the requester's.</summary>
    Reply,

    /// <summary>A request of ours ended without reply, for <see cref="NodeEvent.Loss"/>.</summary>
    RequestFailed,

    /// <summary>The channel to the peer stands: its keys are proven on both ends.</summary>
    PeerReady,

    /// <summary>A channel that was <see cref="PeerReady"/> is gone, for <see cref="NodeEvent.Loss"/>; what was queued is lost.</summary>
    PeerLost,

    /// <summary>The peer has proven to be at another address, <see cref="NodeEvent.Address"/>; what is sent goes there now.</summary>
    PeerMoved,

    /// <summary>No address of the peer answered in time, or what answered broke the protocol; what was queued is lost.</summary>
    DialFailed,

    /// <summary>The peer's queue has room again.</summary>
    RoomAvailable,

    /// <summary>The peer does not take messages of <see cref="NodeEvent.Protocol"/>.</summary>
    ProtocolRefused,

    /// <summary>The peer has confirmed the sessions of <see cref="NodeEvent.Protocol"/> (Multipacket ACK).</summary>
    ProtocolConfirmed,

    /// <summary>Whoever is at <see cref="NodeEvent.Address"/> says that it is <see cref="NodeEvent.Peer"/>; not authenticated.</summary>
    Identified,

    /// <summary>Nobody at <see cref="NodeEvent.Address"/> said in time who it is; <see cref="NodeEvent.Peer"/> is empty.</summary>
    NotIdentified,

    /// <summary>
    /// A peer that nobody dialled has proven who it is: answer by <see cref="UdpNode.Accept"/> or <see cref="UdpNode.Refuse"/>, within 10 s
    /// or its next handshake waits as well. Only with <see cref="UdpNodeSettings.AskBeforeAccepting"/>, and once per peer.
    /// </summary>
    PeerAsks,

    /// <summary>
    /// <see cref="NodeEvent.Lane"/> has something to read, or its end: take it with <see cref="UdpNode.TryPeekMessage"/> until that is
    /// false.
    /// A lane the peer opened shows itself by this event first.
    /// </summary>
    LaneReadable,

    /// <summary>A send on <see cref="NodeEvent.Lane"/> that was refused for want of room would be accepted now.</summary>
    LaneRoom,

    /// <summary><see cref="Lane.Delivered"/> of <see cref="NodeEvent.Lane"/> has grown.</summary>
    LaneDelivered,

    /// <summary>
    /// <see cref="NodeEvent.Lane"/> has ended, for <see cref="NodeEvent.LaneEnd"/>; messages numbered above <see cref="Lane.Delivered"/>
    /// may or may
    /// not have been handled.
    /// </summary>
    LaneEnded,
}
