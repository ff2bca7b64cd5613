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

    /// <summary>
    /// It acknowledges what was never sent; the whole packet is ignored. One that acknowledges less than an earlier packet was only
    /// overtaken: its acknowledgement says nothing, and its data counts.
    /// </summary>
    BadAck,

    /// <summary>It breaks the protocol in another way: data after SHUTDOWN, or a second SHUTDOWN elsewhere.</summary>
    Broken,

    /// <summary>It is a STOP.</summary>
    Stopped,
}
