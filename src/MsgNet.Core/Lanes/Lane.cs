namespace MsgNet.Core;

/// <summary>One lane to or from a peer. A handle for the node's driver; only the node changes it. Not thread-safe.</summary>
public sealed class Lane
{
    internal Lane(LaneTable table, ulong id, LaneKind kind, bool isOpener, ProtocolId protocol)
    {
        Table = table;
        Id = id;
        Kind = kind;
        IsOpener = isOpener;
        Protocol = protocol;
        Machine = new MspMachine(
            new MspMachineSettings { SendWindow = Limits.LaneWindowInitial, ReceiveWindow = Limits.LaneWindowInitial },
            table.Memory.Pool);
        Node = new LinkedListNode<Lane>(this);
        Outbox = new LaneOutbox(Machine, table.Memory.Pool, kind == LaneKind.Stream, isOpener ? protocol : default);
        Inbox = new LaneInbox(this, Machine, table.Memory);
    }

    /// <summary>Its number on the wire: <c>number &lt;&lt; 2 | unordered &lt;&lt; 1 | side</c>.</summary>
    public ulong Id { get; }

    /// <summary>The peer at the other end.</summary>
    public PeerId Peer => Table.Peer;

    /// <summary>The one protocol it carries; empty while an incoming lane has not said.</summary>
    public ProtocolId Protocol { get; private set; }

    /// <summary>What it is for.</summary>
    public LaneKind Kind { get; private set; }

    /// <summary>This side opened it.</summary>
    public bool IsOpener { get; }

    /// <summary>True until it has ended either way; an event says so once.</summary>
    public bool IsOpen { get; internal set; } = true;

    /// <summary>This side has said that nothing follows what it has sent.</summary>
    public bool IsShutDown { get; internal set; }

    /// <summary>The peer will send nothing more on it, and everything it sent was taken.</summary>
    public bool IsReadEnded => Machine.IsAllTaken;

    /// <summary>After this side's shutdown: the peer has consumed everything, the end included.</summary>
    public bool IsWriteEnded => Machine.IsSentCompletely;

    /// <summary>Messages accepted for sending; the newest has this number. Of a stream, bytes.</summary>
    public ulong Sent => Outbox.Sent;

    /// <summary>Messages the peer is done with: those numbered up to this. Of a stream, bytes.</summary>
    public ulong Delivered => Outbox.Delivered;

    /// <summary>Bytes that wait in the send buffer or are under way.</summary>
    public long BytesQueued => Outbox.BytesWaiting + Machine.BytesKept;

    /// <summary>Free for the driver: what it keeps for the lane.</summary>
    public object? State { get; set; }

    // Where it stands, as long as it is open.
    internal LaneTable Table { get; }

    internal MspMachine Machine { get; }

    internal LaneOutbox Outbox { get; private set; }

    internal LaneInbox Inbox { get; }

    // Its place among the lanes that take turns.
    internal LinkedListNode<Lane> Node { get; }

    // Bytes it may still send in its turn.
    internal int Deficit { get; set; }

    // The protocol is known.
    internal bool IsIntroduced => !Protocol.IsEmpty;

    // What it carries may ride in the first flight.
    internal bool AllowsEarly { get; set; }

    // The length of the message that was refused for want of room; -1 for none.
    internal int RefusedLength { get; set; } = -1;

    // A message was refused, and it is time to tell of room.
    internal bool HasRoomForRefused => RefusedLength >= 0 && Outbox.HasRoomAgain(RefusedLength);

    // REPLYs wait outside for room in the send buffer.
    internal bool HasRepliesOutside { get; set; }

    // The driver knows that it can read, and reads until nothing is left.
    internal bool IsReadableTold { get; set; }

    // The driver knows of this stream, which the peer opened.
    internal bool IsOpeningTold { get; set; }

    // The driver knows that nothing more can be read.
    internal bool IsEndTold { get; set; }

    // Something about it has to be told or ended as soon as there is a list of events.
    internal bool IsUnsettled { get; set; }

    // It counts among the lanes its side has open.
    internal bool IsCounted { get; set; } = true;

    internal LaneControl Control { get; } = new();

    // It counts among the streams that the peer opened.
    internal bool IsHeldStream { get; set; }

    // When an idle lane is shut down or forgotten, or one without its first segment given up.
    internal Instant Deadline { get; set; } = Instant.Never;

    internal LaneAckOrder AckOrder { get; } = new();

    // Consumed when the window was last judged, and when that was.
    internal ulong WindowMark { get; set; }

    internal Instant WindowMarkAt { get; set; }

    // When the first segment not acknowledged, whose pieces were reported, goes again; the wait doubles while it is the same one.
    internal Instant DoubtUntil { get; set; } = Instant.Never;

    internal TimeSpan DoubtWait { get; set; }

    internal ulong DoubtOf { get; set; } = ulong.MaxValue;

    // Both directions are over, but the peer may not know it yet.
    internal bool IsLingering { get; set; }

    internal bool HasSegmentToSend =>
        IsOpen && (Machine.HasToSend || (Machine.CanAppend && Outbox.HasBytes));

    // An incoming lane says what it is for.
    internal void Introduce(ProtocolId protocol, bool isStream)
    {
        Protocol = protocol;
        if (!isStream)
            return;

        Kind = LaneKind.Stream;
        Outbox = new LaneOutbox(Machine, Table.Memory.Pool, isStream: true, default);
    }

    internal void Release()
    {
        Machine.Dispose();
        Inbox.Dispose();
        Outbox.Dispose();
    }
}
