namespace MsgNet.Core;

/// <summary>
/// The first byte of every channel datagram. The values keep clear of the first bytes of STUN, DTLS, TURN, RTP and QUIC (RFC 7983, 9443),
/// so that one port can serve them all.
/// </summary>
public enum ChannelMessageType : byte
{
    /// <summary>No message of this version.</summary>
    None = 0,

    /// <summary>First handshake message, with early frames: <see cref="HelloMessage"/>.</summary>
    Hello = 0x04,

    /// <summary>Second handshake message: <see cref="AckMessage"/>.</summary>
    Ack = 0x05,

    /// <summary>"Ask again with this cookie": <see cref="RetryMessage"/>.</summary>
    Retry = 0x06,

    /// <summary>Frames sealed before the handshake ended: <see cref="DataHeader"/>.</summary>
    Early = 0x07,

    /// <summary>Frames of a session: <see cref="DataHeader"/>.</summary>
    Data = 0x08,

    /// <summary>"I know no session with this index", 16 bytes.</summary>
    Hint = 0x09,

    /// <summary>"Who are you?", 64 bytes.</summary>
    Who = 0x0A,

    /// <summary>Answer to <see cref="Who"/>, 52 bytes.</summary>
    Iam = 0x0B,
}
