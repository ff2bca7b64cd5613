namespace MsgNet.Core;

/// <summary>How a lane ended. The values up to <see cref="MessageTooLarge"/> stand behind STOP on the wire.</summary>
public enum LaneEnd : byte
{
    /// <summary>The peer gave it up, or this side did.</summary>
    Aborted = 0,

    /// <summary>The acceptor does not take the protocol.</summary>
    ProtocolNotSupported = 1,

    /// <summary>The opener has 128 lanes open.</summary>
    TooManyLanes = 2,

    /// <summary>The other side does not know the lane, or knows that it is over.</summary>
    UnknownLane = 3,

    /// <summary>A packet on it broke the protocol.</summary>
    ProtocolError = 4,

    /// <summary>A message on it was larger than its receiver takes.</summary>
    MessageTooLarge = 5,

    /// <summary>Both ends have finished, and everything was consumed.</summary>
    Completed = 16,

    /// <summary>The peer is gone; <see cref="NodeEvent.Loss"/> says why.</summary>
    PeerLost = 17,
}
