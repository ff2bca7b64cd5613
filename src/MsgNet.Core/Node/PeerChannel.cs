using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// Everything a node keeps for one peer: keys, association, path, queue. A handle for the node's driver; only the node changes it.
/// <code>
///   Idle ──dial──> connecting ──ACK──> ready ──15 s silence──> connecting again, still ready ──20 s──> lost
///     └──HELLO──> answered ──first DATA──> ready          ready ──CLOSE / 180 s unused──> idle ──180 s──> removed
/// </code>
/// </summary>
public sealed class PeerChannel : ITimed
{
    private readonly UdpNode node;
    private PeerPath? paths; // the oldest; each knows the one after it
    private SessionSlots sessions;
    private List<ulong>? deadIncarnations;
    private Queue<PacketOutcome>? settled;
    private PeerPlace place;

    internal PeerChannel(UdpNode node, PeerId id, RemoteIdentity identity, BufferPool pool)
    {
        this.node = node;
        Id = id;
        Identity = identity;
        sessions = new SessionSlots(node);
        Packer = new FramePacker(pool, node.Counters, node.Lanes.Items);
    }

    /// <summary>The peer.</summary>
    public PeerId Id { get; }

    /// <summary>True while proven keys stand.</summary>
    public bool IsReady => Sessions.Current is not null;

    /// <summary>True while a handshake of this side runs.</summary>
    public bool IsConnecting => Attempt is not null;

    /// <summary>True once the node has forgotten the peer: ask it for a new handle.</summary>
    public bool IsRemoved { get; internal set; }

    /// <summary>True until the CLOSE that is due has been written; then the node forgets the peer.</summary>
    public bool IsClosing => ClosePending is not null && !IsRemoved;

    /// <summary>True when nothing waits to be sent, and of lanes nothing to be acknowledged.</summary>
    public bool IsDrained => // LANE-064
        !Packer.HasWork && (Association is not { } association || association.AreLanesDrained);

    /// <summary>Where the peer is, while there are keys.</summary>
    public NetAddress? Address => Sessions.Sending?.Path.Address;

    /// <summary>The channel binding of the current keys, 32 bytes; empty before the handshake.</summary>
    public ReadOnlySpan<byte> Binding => Sessions.Current is null ? default : Sessions.Current.Keys.Binding;

    /// <summary>Smoothed RTT of the path; zero before it is known.</summary>
    public TimeSpan RoundTrip => Sessions.Sending?.Path.Recovery.SmoothedRtt ?? TimeSpan.Zero;

    /// <summary>UDP payload the path carries, as far as is known: <see cref="Limits.DatagramSizeMin"/> to
    /// <see cref="Limits.DatagramSizeMax"/> bytes.</summary>
    public int DatagramSize => Sessions.Sending?.Path.DatagramSize ?? Limits.DatagramSizeMin;

    /// <inheritdoc/>
    public Instant NextTimer => IsRemoved ? Instant.Never : PeerTimers.Next(this);

    /// <inheritdoc/>
    int ITimed.QueueIndex { get; set; } = -1;

    internal bool IsOf(UdpNode other) => node == other;

    internal RemoteIdentity Identity { get; }

    internal ref SessionSlots Sessions => ref sessions;

    internal HandshakeAttempt? Attempt { get; set; }

    internal Association? Association { get; private set; }

    internal FramePacker Packer { get; }

    /// <summary>The first of all paths of which something is known, and through <see cref="PeerPath.After"/> the others.</summary>
    internal PeerPath? Paths => paths;

    /// <summary>Something waits that a datagram could carry.</summary>
    internal bool HasWork => Packer.HasWork || Association?.Lanes is { HasWork: true };

    /// <summary>Of unreliable messages and lanes, lanes went first in the last datagram for which both waited.</summary>
    internal bool WereLanesFirst { get; set; }

    /// <summary>Other addresses the peer was heard from; null while there were none.</summary>
    internal PathCandidates? Candidates { get; set; }

    /// <summary>When the peer was used last, for the life of the association and the table entry.</summary>
    internal Instant LastUsedAt { get; set; }

    /// <summary>Its place among the peers that may have to give way; only <see cref="PeerList"/> writes it.</summary>
    internal ref PeerPlace Place => ref place;

    /// <summary>Its place among the peers at <see cref="CountedAt"/>; only <see cref="PeerTable"/> writes it.</summary>
    internal int PlaceAtAddress { get; set; }

    /// <summary>The address its confirmed keys are counted at; only <see cref="PeerTable"/> writes it.</summary>
    internal (ulong High, ulong Low)? CountedAt { get; set; }

    /// <summary>The driver was told that the channel stands, and not since that it is gone.</summary>
    internal bool IsAnnounced { get; set; }

    /// <summary>Until then a HINT is not acted on again (SEC-087).</summary>
    internal Instant NextHintAt { get; set; }

    /// <summary>Whether the driver wants this peer.</summary>
    internal PeerAcceptance Acceptance { get; set; }

    /// <summary>A CLOSE to send before the keys go (SEC-084).</summary>
    internal CloseCode? ClosePending { get; set; }

    /// <summary>
    /// When the pacer lets the next packet go; never while the window is shut, which only a REPORT or the recovery timer opens.
    /// </summary>
    internal Instant BlockedUntil { get; set; } = Instant.Never;

    /// <summary>What the last refused send was in want of; null when nobody waits for room.</summary>
    internal RoomWanted? RoomWanted { get; set; }

    /// <summary>
    /// Half the queue is free again, and what was refused would be taken: waking a waiter earlier would only let it be refused again.
    /// </summary>
    internal bool CanReleaseRoom => RoomWanted is { } wanted
        && Packer.Messages.IsHalfEmpty
        && Packer.Messages.HasRoom(wanted.Length)
        && !(wanted.NeedsId && Association is { OutgoingIds.CanAllocate: false });

    /// <summary>Stands in the node's list of peers that may have something to send.</summary>
    internal bool IsQueuedToWrite { get; set; }

    /// <summary>Nothing is written to it for the time being: <see cref="UdpNode.Pause"/>.</summary>
    internal bool IsPaused { get; set; }

    /// <summary>Addresses the last dial named; a new handshake after silence tries them again.</summary>
    internal NetAddress[] DialAddresses { get; set; } = [];

    /// <summary>True for a peer that was neither heard nor sent to lately, that came by itself and for which nothing waits.</summary>
    internal bool GivesWay(Instant now) => // API-097
        now >= LastUsedAt + NodeTimings.GivesWayAfter
        && DialAddresses.Length == 0
        && ClosePending is null
        && IsDrained
        && Association is not { HasRequests: true };

    [MemberNotNull(nameof(Association))]
    internal Association RequireAssociation() => Association ??= Association.Create(node.Random, node.NextLife(), node.Counters);

    internal void DropAssociation()
    {
        Association?.Release();
        Association = null;
    }

    /// <summary>Starts or stops the time that messages may wait: it does not pass while nothing but a handshake runs (REC-065).</summary>
    internal void NoteOpenness(Instant now)
    {
        var isOpen = IsReady || (Attempt is null && Sessions.Sending is not null);
        if (!isOpen)
            Packer.OpenSince = Instant.Never;
        else if (Packer.OpenSince.IsNever)
            Packer.OpenSince = now;
    }

    /// <summary>The fate of a HELLO, and so of what it carried of lanes, is known.</summary>
    internal void Settle(ReadOnlySpan<PacketItem> carried, bool arrived)
    {
        foreach (ref readonly var item in carried)
            (settled ??= new Queue<PacketOutcome>()).Enqueue(new PacketOutcome(item, arrived));
    }

    /// <summary>A newer handshake stands: what an earlier one carried and nobody has answered under its keys goes again.</summary>
    internal void SettleFirstFlightBefore(ChannelSession session)
    {
        foreach (var former in (ReadOnlySpan<ChannelSession?>)[Sessions.Current, Sessions.Previous])
        {
            if (former is null || former == session)
                continue;

            Settle(former.FirstFlight, arrived: false);
            former.FirstFlight = [];
        }
    }

    /// <summary>The next item of a packet or HELLO whose fate is known.</summary>
    internal bool TryTakeOutcome(out PacketOutcome outcome)
    {
        for (var path = paths; path is not null; path = path.After)
        {
            if (path.Recovery.TryTakeOutcome(out outcome))
                return true;
        }

        if (Packer.TryTakeGivenUp(out var piece))
        {
            outcome = new PacketOutcome(piece, Arrived: false);
            return true;
        }

        outcome = default;
        return settled is not null && settled.TryDequeue(out outcome);
    }

    /// <summary>The path to an address, with what is known of its RTT and window.</summary>
    internal PeerPath PathTo(in NetAddress address)
    {
        var count = 0;
        PeerPath? unused = null;
        for (var path = paths; path is not null; path = path.After)
        {
            if (path.Address == address)
                return path;

            count++;
            if (unused is null && !Sessions.Uses(path))
                unused = path;
        }

        // Four are enough to keep RTT and window over a new handshake. Those in use are at most as many, and the new one; they stay.
        if (count >= Limits.PathsMax && unused is not null)
            Remove(unused);

        ref var last = ref paths;
        while (last is not null)
            last = ref last.After;
        return last = new PeerPath(address, node.Settings.CongestionControl);
    }

    /// <summary>A path leads elsewhere now, to an address that is proven; what an unused path knew of that address is old.</summary>
    internal void OnMoved(PeerPath moved)
    {
        for (var path = paths; path is not null; path = path.After)
        {
            if (path != moved && path.Address == moved.Address && !Sessions.Uses(path))
                Remove(path);
        }

        if (Sessions.Current is { } current && current.Path == moved)
            current.ProveAddress();
        if (Sessions.Previous is { } previous && previous.Path == moved)
            previous.ProveAddress();
    }

    /// <summary>What was measured on the way to an address; zero when nothing was.</summary>
    internal TimeSpan KnownRoundTrip(in NetAddress address)
    {
        for (var path = paths; path is not null; path = path.After)
        {
            if (path.Address == address && path.Recovery.MinRtt > TimeSpan.Zero)
                return path.Recovery.SmoothedRtt;
        }

        return TimeSpan.Zero;
    }

    /// <summary>True for a life of the peer that another has followed.</summary>
    internal bool IsDeadIncarnation(ulong incarnation) => deadIncarnations is not null && deadIncarnations.Contains(incarnation);

    /// <summary>Notes that a life of the peer has ended; the latest four are remembered.</summary>
    internal void BuryIncarnation(ulong incarnation)
    {
        deadIncarnations ??= [];
        if (deadIncarnations.Count == 4)
            deadIncarnations.RemoveAt(0);

        deadIncarnations.Add(incarnation);
    }

    internal void ForgetPaths()
    {
        paths = null;
        Candidates = null;
    }

    // REC-042: what its packets carried was given back with their keys, and may not have been taken yet.
    private void Remove(PeerPath path)
    {
        while (path.Recovery.TryTakeOutcome(out var outcome))
            (settled ??= new Queue<PacketOutcome>()).Enqueue(outcome);

        ref var place = ref paths;
        while (place != path)
            place = ref place!.After;
        place = path.After;
    }
}
