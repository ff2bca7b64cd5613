namespace MsgNet;

/// <summary>The state of a connection or listener as Serval's API shows it, bit for bit; no bit: it is being set up.</summary>
[Flags]
public enum MspStates
{
    /// <summary>Neither connected nor listening yet.</summary>
    Initialising = 0,

    /// <summary>It waits for connections.</summary>
    Listening = 0x0001,

    /// <summary>The peer has sent a data packet.</summary>
    ReceivedData = 0x0002,

    /// <summary>The peer has sent a packet: connected.</summary>
    ReceivedPacket = 0x0004,

    /// <summary>This side sends no more messages.</summary>
    ShutdownLocal = 0x0008,

    /// <summary>The peer sends no more messages, and all it sent were consumed.</summary>
    ShutdownRemote = 0x0010,

    /// <summary>It has ended.</summary>
    Closed = 0x0020,

    /// <summary>It ended by an error: the peer fell silent.</summary>
    Error = 0x0040,

    /// <summary>There is room for another message to send.</summary>
    DataOut = 0x0080,

    /// <summary>It ended by STOP, from either side.</summary>
    Stopped = 0x0100,
}
