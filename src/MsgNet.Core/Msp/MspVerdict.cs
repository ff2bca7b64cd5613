namespace MsgNet.Core;

/// <summary>What <see cref="MspMachine"/> made of a packet.</summary>
internal enum MspVerdict : byte
{
    /// <summary>It had no data, and its acknowledgement was taken or said nothing new.</summary>
    Taken,

    /// <summary>Its data is new and was kept.</summary>
    Accepted,

    /// <summary>Its data was here already: acknowledge again.</summary>
    Duplicate,

    /// <summary>Its data lies beyond the window that was granted.</summary>
    BeyondWindow,

    /// <summary>Its acknowledgement lies outside [first unacknowledged − 1, next − 1]; the whole packet is ignored and counted.</summary>
    BadAck,

    /// <summary>It breaks the protocol in another way: data after SHUTDOWN, or a second SHUTDOWN elsewhere.</summary>
    Broken,

    /// <summary>It is a STOP.</summary>
    Stopped,
}
