namespace MsgNet.Core;

/// <summary>The flag bits of an MSP packet; the others are sent as 0 and ignored.</summary>
[Flags]
internal enum MspFlags : byte
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>The sender's data ends with this segment.</summary>
    Shutdown = 1,

    /// <summary>The acknowledgement field counts: the sender has received a data packet.</summary>
    Ack = 2,

    /// <summary>The sender has not heard from the peer yet; opens a connection that is unknown.</summary>
    First = 4,

    /// <summary>The connection is gone, or was never known; nothing else in the packet counts.</summary>
    Stop = 8,
}
