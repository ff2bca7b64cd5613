namespace MsgNet;

/// <summary>Why a channel, or something that waited on it, ended.</summary>
public enum PeerLoss
{
    /// <summary>Nothing was lost.</summary>
    None,

    /// <summary>No answer for 35 s: 15 s of silence, 20 s of new handshakes.</summary>
    TimedOut,

    /// <summary>No reply before the request's deadline; the channel may be well.</summary>
    NoReply,

    /// <summary>The peer lost its memory of us: its incarnation changed.</summary>
    PeerRestarted,

    /// <summary>The peer closed the channel.</summary>
    ClosedByPeer,

    /// <summary>This side closed the channel.</summary>
    ClosedLocally,

    /// <summary>The peer broke the protocol, and the channel was closed with code 2.</summary>
    ProtocolError,

    /// <summary>No address of the peer answered.</summary>
    Unreachable,

    /// <summary>The peer does not take messages of that protocol.</summary>
    ProtocolNotSupported,

    /// <summary>The channel was idle for so long that its keys were wiped.</summary>
    Expired,

    /// <summary>So many forged packets came under the channel's keys that this side closed it.</summary>
    TooManyForgeries,

    /// <summary>The host has state for as many peers as it may have, and this one gave way to another.</summary>
    Evicted,

    /// <summary>The peer does not want to be reached by us: it closed with code 4 (refused).</summary>
    Refused,

    /// <summary>A message was larger than its receiver takes: of a lane only, the channel stands.</summary>
    MessageTooLarge,
}
