namespace MsgNet.Core;

/// <content>Queues and tables of Messi's clients and servers.</content>
public static partial class Limits
{
    /// <summary>
    /// Bytes that wait to be sent on a connection before sends wait, unless told otherwise: what a gigabit link takes in 8 ms, and 10,000
    /// clients that do not read hold 10 GB at most, which is why it is an option.
    /// </summary>
    public const int MessiSendQueueDefault = 1 << 20;

    /// <summary>Bytes of received messages that wait for a slow handler before reading stops, unless told otherwise.</summary>
    public const int MessiReceiveQueueDefault = 1 << 20;

    /// <summary>Least of both queues: a page, so that many small messages share a write.</summary>
    public const int MessiQueueMin = 4096;

    /// <summary>Most of both queues.</summary>
    public const int MessiQueueMax = 1 << 29;

    /// <summary>Connections of a server, unless told otherwise: a descriptor and some kilobytes each.</summary>
    public const int MessiClientsDefault = 10_000;

    /// <summary>Most connections that a server can be told to hold; the table of descriptors ends somewhere there.</summary>
    public const int MessiClientsMax = 1_000_000;

    /// <summary>Connections that the system keeps until they are accepted, unless told otherwise: a room that comes at once.</summary>
    public const int MessiBacklogDefault = 512;

    /// <summary>First and smallest buffer of a connection for what it reads and writes: an idle connection holds one.</summary>
    public const int MessiBufferMin = 4096;

    /// <summary>Largest buffer that is read into at a time, unless a single message needs more.</summary>
    public const int MessiReadBufferMax = 1 << 18;

    /// <summary>
    /// Unused buffers of one size that a process keeps, in bytes: 16 KiB for each of 1,000 connections, and 64 of the largest. Nothing is
    /// kept that nobody wanted for a whole period.
    /// </summary>
    public const int MessiPooledMax = 16 * 1024 * 1024;

    /// <summary>
    /// Time after which a receive buffer becomes smaller that was never filled to a quarter in it, and an unused one is dropped: some
    /// pings, so that connections at rest hold the smallest within half a minute.
    /// </summary>
    public static readonly TimeSpan MessiBufferPeriod = TimeSpan.FromSeconds(10);
}
