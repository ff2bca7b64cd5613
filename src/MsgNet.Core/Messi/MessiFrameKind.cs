namespace MsgNet.Core;

/// <summary>What the type of a frame means to the end that receives it.</summary>
public enum MessiFrameKind
{
    /// <summary>A message of the application: a serialized <c>ClientToServer</c> or <c>ServerToClient</c>.</summary>
    User,

    /// <summary>A client asks whether the server is alive.</summary>
    Ping,

    /// <summary>A server's answer to <see cref="Ping"/>.</summary>
    Pong,

    /// <summary>A type that has no meaning to this end.</summary>
    Unknown,
}
