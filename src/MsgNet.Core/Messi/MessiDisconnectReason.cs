namespace MsgNet.Messi;

/// <summary>
/// Why a Messi connection has ended, as this end sees it; nothing of it is on the wire. 0 to 5 are the original's, the others stand far
/// from them so that later ones of the original have room.
/// </summary>
public enum MessiDisconnectReason
{
    /// <summary>A message to send could not be serialized.</summary>
    MessageEncodeError = 0,

    /// <summary>What the peer sent is no message of the protocol.</summary>
    MessageDecodeError = 1,

    /// <summary>The peer closed the connection, or it broke.</summary>
    ConnectionClosed = 2,

    /// <summary>The peer was silent for too long: no pong at a client, no ping at a server.</summary>
    KeepAliveTimeout = 3,

    /// <summary>Something else failed; an exception tells what.</summary>
    GeneralError = 4,

    /// <summary>The peer sent a message above this end's limit.</summary>
    MessageTooBig = 5,

    /// <summary>At a server: the client sent a frame of a type that no client sends.</summary>
    UnexpectedMessage = 100,

    /// <summary>This end was stopped or disposed.</summary>
    Stopped = 101,

    /// <summary>This end's application asked for it.</summary>
    Disconnected = 102,

    /// <summary>A handler of this end threw, and the options say that this ends the connection.</summary>
    HandlerFailed = 103,

    /// <summary>The peer reads more slowly than this end writes, and what waits for it has reached its bound.</summary>
    SendQueueFull = 104,

    /// <summary>The server has as many clients as it may.</summary>
    TooManyClients = 105,

    /// <summary>There is no connection now.</summary>
    NotConnected = 106,
}
