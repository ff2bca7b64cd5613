namespace MsgNet.Core;

/// <summary>What became of something handed to a machine for sending.</summary>
public enum SendStatus
{
    /// <summary>Queued; the driver writes datagrams now.</summary>
    Accepted,

    /// <summary>No room: wait for <see cref="NodeEventKind.RoomAvailable"/>.</summary>
    Full,

    /// <summary>Nobody is being reached: dial first.</summary>
    NotConnected,

    /// <summary>The peer refused this protocol less than a second ago.</summary>
    Refused,

    /// <summary>256 protocols are open to this peer already.</summary>
    TooManyProtocols,

    /// <summary>128 lanes are open to this peer already, or 960 are kept because it may not know that they are over.</summary>
    TooManyLanes,

    /// <summary>The lane has ended, or was shut down on this side.</summary>
    Closed,
}
