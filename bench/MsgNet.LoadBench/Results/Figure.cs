namespace MsgNet.LoadBench.Results;

/// <summary>What a number of a sample is.</summary>
internal enum Figure
{
    /// <summary>Messages, round trips or handshakes per second, counted where they arrive.</summary>
    Rate,

    /// <summary>Nanoseconds of processor time of the sender's process for each message it sent; of a handshake, of both ends.</summary>
    SenderCpu,

    /// <summary>Nanoseconds of processor time of the receiver's process for each message it received.</summary>
    ReceiverCpu,

    /// <summary>Bytes of managed memory that the sender's process allocated for each message it sent.</summary>
    SenderAllocated,

    /// <summary>Bytes of managed memory that the receiver's process allocated for each message it received.</summary>
    ReceiverAllocated,

    /// <summary>Messages received, of those sent.</summary>
    Arrived,

    /// <summary>Microseconds.</summary>
    Median,

    /// <summary>Microseconds.</summary>
    P99,

    /// <summary>Microseconds.</summary>
    P999,

    /// <summary>Bytes of messages received per second.</summary>
    Goodput,

    /// <summary>Bytes of datagrams handed to the link for each byte of a message received, from the first message to the last.</summary>
    SentPerDelivered,

    /// <summary>Milliseconds that one datagram of a hundred waits longer than for the bottleneck.</summary>
    QueueP99,

    /// <summary>Datagrams that the bottleneck's full queue dropped, of all handed to it.</summary>
    QueueDropped,

    /// <summary>Datagrams that the relay itself lost, of those handed to it: it should be none.</summary>
    Overrun,

    /// <summary>Milliseconds that one datagram of a hundred came out of the relay later than it was to.</summary>
    RelayLateP99,

    /// <summary>The part of a core that the sender's process used.</summary>
    SenderShare,

    /// <summary>The part of a core that the receiver's process used.</summary>
    ReceiverShare,

    /// <summary>The part of a core that the relay used.</summary>
    RelayShare,

    /// <summary>Bytes of managed memory for each session.</summary>
    ManagedBytes,

    /// <summary>Bytes by which the resident set grew for each session.</summary>
    ResidentBytes,
}
