namespace MsgNet.Core;

/// <summary>The first byte of every frame: what it is. A byte not named here is skipped and counted.</summary>
internal enum FrameType : byte
{
    /// <summary>No frame: a length of 0 ends the list before a type is read.</summary>
    None = 0,

    /// <summary>A message that also maps a protocol name to a number.</summary>
    Init = 0x01,

    /// <summary>"I know that mapping and prefer that path."</summary>
    Ack = 0x02,

    /// <summary>A message by protocol number.</summary>
    Continuation = 0x03,

    /// <summary>"I do not take messages of that number."</summary>
    Reset = 0x04,

    /// <summary>An INIT or CONTINUATION with an id: at most once, or a request.</summary>
    Tagged = 0x05,

    /// <summary>The answer to a request.</summary>
    Reply = 0x06,

    /// <summary>A piece of a frame too large for one datagram.</summary>
    Fragment = 0x07,

    /// <summary>Which packets arrived.</summary>
    Report = 0x08,

    /// <summary>An MSP packet of a lane.</summary>
    Msp = 0x09,

    /// <summary>How many segments a lane's receiver accepts.</summary>
    LaneWindow = 0x0A,

    /// <summary>Asks an address to prove that it receives.</summary>
    PathChallenge = 0xF1,

    /// <summary>Proves it.</summary>
    PathResponse = 0xF2,

    /// <summary>Ends the session, with a reason.</summary>
    Close = 0xF3,

    /// <summary>The address the peer is seen under.</summary>
    Observed = 0xF4,

    /// <summary>Begins a stream: which association it belongs to.</summary>
    Association = 0xF5,
}
