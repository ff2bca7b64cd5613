namespace MsgNet.Core;

/// <summary>What carries frames between two peers.</summary>
[Flags]
internal enum CarrierKinds
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The datagrams of the sealed channel.</summary>
    Datagram = 1,

    /// <summary>The chunks of a lane inside the channel.</summary>
    Lane = 2,

    /// <summary>A byte stream: yamux over TCP, or MSP over MDP.</summary>
    Stream = 4,

    /// <summary>A raw MDP payload between MsgNet nodes.</summary>
    Mdp = 8,
}
