namespace MsgNet.Core;

/// <summary>
/// All lanes of one association: opening and refusing, packing messages into segments, flow control, reassembly (<c>specs/lanes.md</c>).
/// Recovery belongs to the path, which tells it by <see cref="OnOutcome"/>. Not thread-safe.
/// </summary>
/// <remarks>
/// <see cref="HasWork"/> and <see cref="NextTimer"/> can change with every call: what a call without events made possible, room in a
/// send buffer for instance, is told by <see cref="OnTimer"/> at once.
/// </remarks>
internal sealed partial class LaneTable : IDisposable
{
    private readonly ulong side;
    private readonly ProtocolRegistry protocols;
    private readonly NodeCounters counters;
    private readonly Dictionary<ulong, Lane> lanes = [];
    private readonly ulong[] nextNumber = new ulong[2];
    private readonly LaneNumbers?[] peerNumbers = new LaneNumbers?[2];
    private readonly LaneStops stops = new();
    private readonly List<Lane> scratchLanes = [];
    private Instant nextDeadline = Instant.Never;
    private int openHere;
    private int openThere;
    private int keptThere;
    private int streamsThere;

    /// <param name="peer">Whose association it is.</param>
    /// <param name="side">0 when this side's public key is the smaller, else 1 (LANE-001).</param>
    /// <param name="settings">Bounds the user may choose.</param>
    /// <param name="protocols">What incoming lanes may name.</param>
    /// <param name="pool">Where segments live.</param>
    /// <param name="counters">Where drops are counted.</param>
    public LaneTable(PeerId peer, int side, LaneSettings settings, ProtocolRegistry protocols, BufferPool pool, NodeCounters counters)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(side);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(side, 1);
        Peer = peer;
        this.side = (ulong)side;
        this.protocols = protocols;
        this.counters = counters;
        Memory = new LaneMemory(settings, pool);
    }

    /// <summary>Whose association it is.</summary>
    public PeerId Peer { get; }

    /// <summary>The channel that carries the lanes; null where a test does.</summary>
    public PeerChannel? Channel { get; init; }

    /// <summary>What the lanes share.</summary>
    public LaneMemory Memory { get; }

    /// <summary>The path's round trip, by which windows grow.</summary>
    public TimeSpan RoundTrip { get; set; } = TimeSpan.FromMilliseconds(333);

    /// <summary>The packet whose frames are being taken.</summary>
    public PacketOrigin Origin { get; set; }

    /// <summary>Something waits that a datagram could carry now: control, lost segments, or new ones the lanes' windows allow.</summary>
    public bool HasWork => sendable.Count > 0 || controlDue > 0 || stops.IsDue;

    /// <summary>Nothing waits and nothing is unacknowledged.</summary>
    public bool IsDrained
    {
        get
        {
            foreach (var lane in lanes.Values)
            {
                if (lane.IsOpen && (lane.Outbox.HasBytes || lane.Machine.FirstUnacknowledged != lane.Machine.NextSequence))
                    return false;
            }

            return controlQueue.Count == 0 && stops.IsEmpty;
        }
    }

    /// <summary>
    /// Keys are needed: something waits to be sent, this side has a lane open, or the peer a stream. Of its message lanes the peer takes
    /// care itself: it may have forgotten them (LANE-064).
    /// </summary>
    public bool NeedsKeys => openHere > 0 || streamsThere > 0 || HasWork;

    /// <summary>Lanes kept, those included that are over but not for the peer.</summary>
    public int Count => lanes.Count;

    /// <summary>Bytes kept of what was received and not taken.</summary>
    public long BytesReceived
    {
        get
        {
            var bytes = 0L;
            foreach (var lane in lanes.Values)
                bytes += lane.Machine.BytesReceived + lane.Inbox.BytesJoined;
            return bytes;
        }
    }

    /// <summary>When <see cref="OnTimer"/> has something to do.</summary>
    public Instant NextTimer => unsettled.Count > 0 || Memory.SlotFreed ? Instant.Zero
        : Instant.Min(Instant.Min(nextDeadline, nextDoubt), Instant.Min(Instant.Min(nextControl, nextAsk), NextStop));

    private Instant NextStop => stops.IsDue ? Instant.Never : stops.NextAt;

    // ---- the driver's side, through UdpNode, which refuses messages above LaneSettings.MessageSizeMax ----

    /// <summary>
    /// Opens a lane; null when 128 of this side are open, or 960 are kept because the peer may not know that they are over. Nothing is sent
    /// until something is to be said. What it carries may ride in the first flight when <paramref name="allowEarly"/>.
    /// </summary>
    public Lane? Open(Instant now, ProtocolId protocol, LaneKind kind, bool allowEarly)
    {
        if (protocol.IsEmpty)
            throw new ArgumentException("The default ProtocolId names no protocol: give it a name.", nameof(protocol));

        var unordered = kind == LaneKind.Unordered ? 1UL : 0UL;
        // LANE-002, LANE-003
        if (openHere >= Limits.LanesPerSideMax || lanes.Count - keptThere >= Limits.LanesKeptMax || !IsWithinNumbers(unordered))
            return null;

        var id = (nextNumber[unordered]++ << 2) | (unordered << 1) | side;
        var lane = Add(new Lane(this, id, kind, isOpener: true, protocol));
        lane.AllowsEarly = allowEarly;
        openHere++;
        counters.LanesOpened++;
        Touch(now, lane);
        return lane;
    }

    /// <summary>
    /// Accepts a message into the lane's send buffer (256 KiB, or one message of any allowed size); false when there is no room: an event
    /// tells of room. On a stream lane: a run of bytes. False as well when the lane is over or was shut down.
    /// </summary>
    public bool TrySend(Instant now, Lane lane, ReadOnlySpan<byte> message) => TryAdd(now, lane, message, 0);

    /// <summary>As <see cref="TrySend"/>, for messages in order; returns how many were accepted.</summary>
    public int SendSome(Instant now, Lane lane, ReadOnlySpan<ReadOnlyMemory<byte>> messages)
    {
        if (!CanSend(lane))
            return 0;

        var count = 0;
        while (count < messages.Length && TryAddTo(lane, messages[count].Span, 0))
            count++;
        if (count > 0)
            OnAdded(now, lane);
        return count;
    }

    /// <summary>As <see cref="TrySend"/>, with the message inside TAGGED REQUEST.</summary>
    public bool TryRequest(Instant now, Lane lane, ulong id, ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfZero(id);
        if (lane.Kind == LaneKind.Stream)
            throw new InvalidOperationException("A stream lane carries bytes, no requests: open a message lane for them.");
        return TryAdd(now, lane, message, id);
    }

    /// <summary>Queues a REPLY on the reverse direction of a lane; false when its send buffer is full.</summary>
    public bool TryReply(Instant now, Lane lane, ulong id, ReplyStatus status, ReadOnlySpan<byte> message)
    {
        if (lane.IsOpener || lane.Kind == LaneKind.Stream)
            throw new InvalidOperationException("Replies go back on the message lane that brought the request.");
        if (!lane.IsOpen || lane.IsShutDown || !lane.Outbox.HasRoom(message.Length))
            return false;

        lane.Outbox.AddReply(id, status, message);
        Refresh(lane);
        return true;
    }

    /// <summary>
    /// REPLYs of that lane, which found its send buffer full, wait outside, or do so no longer: SHUTDOWN goes behind them.
    /// </summary>
    public void NoteRepliesWait(Lane lane, bool wait)
    {
        lane.HasRepliesOutside = wait;
        if (!wait)
            Unsettle(lane);
    }

    /// <summary>No message follows: SHUTDOWN after what was accepted.</summary>
    public void Shutdown(Instant now, Lane lane)
    {
        if (!lane.IsOpen || lane.IsShutDown)
            return;

        lane.IsShutDown = true;
        lane.Outbox.Announce();
        if (IsUnheardOf(lane))
            Unsettle(lane);
        else
            PlaceShutdown(lane);
        Refresh(lane);
    }

    /// <summary>Ends a lane at once and tells the peer: STOP 0, or another reason.</summary>
    public void Abort(Instant now, Lane lane, LaneEnd reason, NodeEvents events)
    {
        if (reason > LaneEnd.MessageTooLarge)
            throw new ArgumentOutOfRangeException(nameof(reason), reason, "STOP can say reasons 0 to 5 only.");
        if (!lane.IsOpen)
            return;

        // A lane that nobody heard of needs no STOP.
        if (!lane.IsOpener || lane.Machine.NextSequence > 0)
            stops.Add(now, lane.Id, reason); // LANE-013
        End(lane, reason, default, events);
    }

    /// <summary>The lane of that number; null when there is none.</summary>
    public Lane? Find(ulong id) => lanes.GetValueOrDefault(id);

    /// <summary>Ends every lane, for instance because the peer is gone. The table is used again when the peer is reached again.</summary>
    public void Fail(PeerLoss loss, NodeEvents events)
    {
        scratchLanes.Clear();
        scratchLanes.AddRange(lanes.Values);
        stops.Defer(); // LANE-065
        if (loss == PeerLoss.PeerRestarted)
            stops.KeepOnly(side);
        foreach (var lane in scratchLanes)
        {
            // LANE-065: a first flight that nobody answered may have arrived, even in the peer's new life, and the peer may wait for what
            // was said last.
            if (lane.IsOpener ? lane.Machine.NextSequence > 0 : loss != PeerLoss.PeerRestarted)
                stops.AddForLater(lane.Id, LaneEnd.Aborted);
            End(lane, LaneEnd.PeerLost, loss, events);
        }

        Memory.Replies.Clear();
        inPieces.Clear();
    }

    /// <summary>The peer is reached: what it has to be told of lanes that ended while it was lost is due (LANE-065).</summary>
    public void OnReached(Instant now) => stops.OnReached(now);

    /// <summary>
    /// The peer has restarted: every lane ends with <see cref="PeerLoss.PeerRestarted"/>. Its numbers begin anew, ours go on: the new life
    /// may have met some of them in a first flight. Outcomes told from now on are of what is sent from now on.
    /// </summary>
    public void OnPeerRestarted(NodeEvents events)
    {
        Fail(PeerLoss.PeerRestarted, events);
        Array.Clear(peerNumbers);
    }

    public void Dispose()
    {
        foreach (var lane in lanes.Values)
        {
            lane.IsOpen = false; // whoever still has it must not meet the next table of this peer with it
            Memory.Close(lane.Machine.ReceiveWindow);
            lane.Release();
        }

        lanes.Clear();
    }

    private Lane Add(Lane lane)
    {
        lanes.Add(lane.Id, lane);
        Memory.Open(Limits.LaneWindowInitial);
        return lane;
    }

    // The peer remembers 960 numbers: a lane it has not heard of must not fall behind those it has.
    private bool IsWithinNumbers(ulong unordered)
    {
        var oldest = nextNumber[unordered];
        foreach (var lane in lanes.Values)
        {
            if (lane.IsOpener && ((lane.Id >> 1) & 1) == unordered && lane.Machine.FirstUnacknowledged == 0)
                oldest = Math.Min(oldest, lane.Id >> 2);
        }

        return nextNumber[unordered] - oldest < Limits.LaneNumberWindow - 64;
    }

    private bool TryAdd(Instant now, Lane lane, ReadOnlySpan<byte> message, ulong requestId)
    {
        if (!CanSend(lane) || !TryAddTo(lane, message, requestId))
            return false;

        OnAdded(now, lane);
        return true;
    }

    private static bool CanSend(Lane lane)
    {
        if (!lane.IsOpener && lane.Kind != LaneKind.Stream)
            throw new InvalidOperationException("Only the opener of a message lane sends messages on it: open a lane of your own.");
        return lane.IsOpen && !lane.IsShutDown;
    }

    private static bool TryAddTo(Lane lane, ReadOnlySpan<byte> message, ulong requestId)
    {
        if (!lane.Outbox.HasRoom(message.Length))
        {
            lane.RefusedLength = message.Length;
            return false;
        }

        lane.Outbox.Add(message, requestId);
        return true;
    }

    private void OnAdded(Instant now, Lane lane)
    {
        Touch(now, lane);
        Refresh(lane);
    }

    // A message lane that says nothing for long is closed by its opener (LANE-044) and forgotten by its acceptor (LANE-066).
    private void Touch(Instant now, Lane lane)
    {
        if (lane.Kind == LaneKind.Stream || !lane.IsIntroduced)
            return;

        lane.Deadline = now + (lane.IsOpener ? Limits.LaneIdleTime : Limits.LaneForgottenTime);
        nextDeadline = Instant.Min(nextDeadline, lane.Deadline);
    }
}
