namespace MsgNet.Core;

/// <summary>
/// All lanes of one association: opening and refusing, packing messages into segments, flow control, reassembly.
/// Recovery belongs to the path, which tells it by <see cref="OnOutcome"/>. Not thread-safe.
/// </summary>
internal sealed class LaneTable : IDisposable
{
    /// <param name="peer">Whose association it is.</param>
    /// <param name="side">0 when this side's public key is the smaller, else 1 (LANE-001).</param>
    /// <param name="settings">Bounds the user may choose.</param>
    /// <param name="protocols">What incoming lanes may name.</param>
    /// <param name="pool">Where segments live.</param>
    /// <param name="counters">Where drops are counted.</param>
    public LaneTable(PeerId peer, int side, LaneSettings settings, ProtocolRegistry protocols, BufferPool pool, NodeCounters counters) =>
        throw new NotImplementedException();

    /// <summary>Something waits that a datagram could carry now: control, lost segments, or new ones the lanes' windows allow.</summary>
    public bool HasWork => throw new NotImplementedException();

    /// <summary>Nothing waits and nothing is unacknowledged.</summary>
    public bool IsDrained => throw new NotImplementedException();

    /// <summary>No lane is open, of either side.</summary>
    public bool IsEmpty => throw new NotImplementedException();

    /// <summary>When <see cref="OnTimer"/> has something to do.</summary>
    public Instant NextTimer => throw new NotImplementedException();

    // ---- the driver's side, through UdpNode ----

    /// <summary>
    /// Opens a lane; null when 128 of this side are open. Nothing is sent until something is to be said. What it carries may ride in the
    /// first flight when <paramref name="allowEarly"/>.
    /// </summary>
    public Lane? Open(Instant now, ProtocolId protocol, LaneKind kind, bool allowEarly) => throw new NotImplementedException();

    /// <summary>
    /// Accepts a message into the lane's send buffer (256 KiB, or one message of any allowed size); false when there is no room: an event
    /// tells of room. On a stream lane: a run of bytes.
    /// </summary>
    public bool TrySend(Instant now, Lane lane, ReadOnlySpan<byte> message) => throw new NotImplementedException();

    /// <summary>As <see cref="TrySend"/>, with the message inside TAGGED REQUEST.</summary>
    public bool TryRequest(Instant now, Lane lane, ulong id, ReadOnlySpan<byte> message) => throw new NotImplementedException();

    /// <summary>Queues a REPLY on the reverse direction of a lane; false when its send buffer is full.</summary>
    public bool TryReply(Instant now, Lane lane, ulong id, ReplyStatus status, ReadOnlySpan<byte> message) =>
        throw new NotImplementedException();

    /// <summary>No message follows: SHUTDOWN after what was accepted.</summary>
    public void Shutdown(Instant now, Lane lane) => throw new NotImplementedException();

    /// <summary>Ends a lane at once and tells the peer: STOP 0, or another reason.</summary>
    public void Abort(Instant now, Lane lane, LaneEnd reason, NodeEvents events) => throw new NotImplementedException();

    /// <summary>The next message to take; false when none is whole.</summary>
    public bool TryPeek(Lane lane, out LaneMessage message) => throw new NotImplementedException();

    /// <summary>Takes the message just peeked; it is not consumed yet.</summary>
    public void Take(Instant now, Lane lane) => throw new NotImplementedException();

    /// <summary>The receiver is done with a message: what is acknowledged moves on.</summary>
    public void Consume(Instant now, Lane lane, ulong receipt) => throw new NotImplementedException();

    /// <summary>
    /// The next REPLY that came whole on a lane; false when there is none. It needs no receipt: it is consumed by this. Borrowed until the
    /// next call.
    /// </summary>
    public bool TryTakeReply(Instant now, out LaneReply reply) => throw new NotImplementedException();

    // ---- the wire's side ----

    /// <summary>Takes an MSP frame; false for one that is wrong. Adds LaneReadable, LaneDelivered, LaneRoom, LaneEnded.</summary>
    public bool OnMsp(Instant now, in MspFrame frame, bool early, NodeEvents events) => throw new NotImplementedException();

    /// <summary>Takes a LANE_WINDOW frame; false for one that is wrong.</summary>
    public bool OnWindow(Instant now, in LaneWindowFrame frame, NodeEvents events) => throw new NotImplementedException();

    /// <summary>What became of something a packet carried.</summary>
    public void OnOutcome(Instant now, in PacketOutcome outcome, NodeEvents events) => throw new NotImplementedException();

    /// <summary>
    /// Appends STOPs, acknowledgements and windows that are due (all that stand, when <paramref name="riding"/>); true if any.
    /// </summary>
    public bool WriteControl(Instant now, bool riding, ref WireWriter frames, PacketItems items) => throw new NotImplementedException();

    /// <summary>
    /// Appends segments by deficit round robin, at most one of each lane (LANE-020); true if any. New segments are cut to what is left of
    /// the datagram, or to <paramref name="room"/>, what an empty one has, when too little is left. When <paramref name="early"/>, of lanes
    /// that allow it only, and never one that was sent before.
    /// </summary>
    public bool WriteSegments(Instant now, int room, bool early, ref WireWriter frames, PacketItems items) =>
        throw new NotImplementedException();

    /// <summary>Appends the oldest segment that is under way, as a probe; false when nothing is.</summary>
    public bool WriteProbe(Instant now, ref WireWriter frames, PacketItems items) => throw new NotImplementedException();

    /// <summary>Does what is due: idle lanes are shut down, held segments given up, acknowledgements fall due.</summary>
    public void OnTimer(Instant now, NodeEvents events) => throw new NotImplementedException();

    /// <summary>Ends every lane, for instance because the peer is gone. The table is used again when the peer is reached again.</summary>
    public void Fail(PeerLoss loss, NodeEvents events) => throw new NotImplementedException();

    /// <summary>
    /// The peer has restarted: every lane ends with <see cref="PeerLoss.PeerRestarted"/>. Its numbers begin anew, ours go on: the new life
    /// may have met some of them in a first flight. Outcomes told from now on are of what is sent from now on.
    /// </summary>
    public void OnPeerRestarted(NodeEvents events) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
