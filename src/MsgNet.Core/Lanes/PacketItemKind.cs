namespace MsgNet.Core;

/// <summary>What of a packet has to be thought of when it is lost.</summary>
internal enum PacketItemKind : byte
{
    /// <summary>A segment of a lane.</summary>
    Segment,

    /// <summary>A lane's acknowledgement without data.</summary>
    Ack,

    /// <summary>A lane's window.</summary>
    Window,

    /// <summary>A STOP of a lane; the number is its reason.</summary>
    Stop,

    /// <summary>A piece of a segment that fits no datagram; the number is a ticket of the table.</summary>
    Piece,
}
