using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <content>The node's tables, and what its parts ask of it.</content>
public sealed partial class UdpNode
{
    private readonly PeerTable peers = new();
    private readonly NodeEvents owed = new();
    private readonly Dictionary<uint, ChannelSession> sessions = [];
    private readonly TimerQueue<PeerChannel> timers = new();
    private readonly Queue<PeerChannel> toWrite = new();
    private readonly List<byte[]> lent = [];
    private readonly PeerWriter writer;
    private ushort lastLife;

    internal IChannelCrypto Crypto { get; }

    internal IRandom Random { get; }

    internal UdpNodeSettings Settings { get; }

    internal ProtocolRegistry Protocols { get; }

    internal HandshakeInitiator Initiator { get; }

    internal HandshakeResponder Responder { get; }

    internal EarlyReceiver EarlyPackets { get; }

    internal PeerPaths Paths { get; }

    internal PeerReader Reader { get; }

    internal PeerLanes Lanes { get; }

    internal BufferPool Pool { get; }

    internal RestartHints Hints { get; }

    internal FormerHalves Former { get; } = new();

    /// <summary>What waits to leave and belongs to no peer.</summary>
    internal LooseReplies Loose { get; }

    /// <summary>Where handshake payloads are opened; events of one call may refer to it.</summary>
    internal byte[] PayloadBuffer { get; } = new byte[2048];

    internal ulong UnixMicroseconds(Instant now) => (ulong)(Settings.UnixMicrosecondsAtZero + now.Microseconds);

    internal bool HasSmallerKeyThan(PeerChannel peer) => Crypto.PublicKey.SequenceCompareTo(peer.Identity.PublicKey) < 0;

    /// <summary>Pooled buffers that queues and lanes of peers hold; none once every peer is forgotten.</summary>
    internal int BuffersHeld => Pool.Outstanding;

    /// <summary>An array that events refer to: it goes back to the pool at the next datagram.</summary>
    internal void Lend(byte[] array) => lent.Add(array);

    /// <summary>A number for one half of one peer's association, given again only after 65,535 others.</summary>
    internal ushort NextLife() => ++lastLife;

    /// <summary>Sessions of all peers, confirmed or not.</summary>
    internal int SessionCount => sessions.Count;

    internal ChannelSession? FindSession(uint index) => sessions.GetValueOrDefault(index);

    /// <summary>A random index that is not in use (SEC-073).</summary>
    internal uint NewIndex()
    {
        uint index;
        do
            index = (uint)Random.NextUInt64();
        while (sessions.ContainsKey(index) || Initiator.IsPending(index));
        return index;
    }

    /// <summary>True when a peer with confirmed keys is at that IPv4 address or IPv6 /64.</summary>
    internal bool HasPeerAt(in NetAddress address) => peers.CountAt(address) > 0;

    /// <summary>
    /// True when one more peer may come from an address. It says nothing of those this node dials: whom to reach is its user's choice.
    /// </summary>
    internal bool HasRoomAt(Instant now, in NetAddress address, ReadOnlySpan<byte> key) => // API-097
        peers.CountAt(address) < Limits.PeersPerAddressMax
        || (peers.TryFind(PeerId.FromEd25519(key), out var peer) && peer.IsReady)
        || peers.TryFindSilent(now, address, out _);

    /// <summary>
    /// Makes room for a peer that has just proven to be at an address: only now may another give way there, since anybody can make up the
    /// source of a HELLO. False when nobody does.
    /// </summary>
    private bool TryMakeRoomAt(Instant now, in NetAddress address) // API-097
    {
        if (peers.CountAt(address) < Limits.PeersPerAddressMax)
            return true;
        if (!peers.TryFindSilent(now, address, out var silent))
            return false;

        Evict(silent);
        return true;
    }

    /// <summary>As the form for users, of a key that a handshake has proven and converted.</summary>
    internal bool TryGetPeer(
        Instant now, ReadOnlySpan<byte> key, ReadOnlySpan<byte> agreementKey, [NotNullWhen(true)] out PeerChannel? peer)
    {
        var id = PeerId.FromEd25519(key);
        return peers.TryFind(id, out peer) || TryAdd(now, id, RemoteIdentity.FromConverted(Crypto, key, agreementKey), out peer);
    }

    // API-097: what waited for the one that gives way is reported with the next timer, which is due at once.
    private bool TryMakeRoom()
    {
        if (peers.Count < Settings.PeersMax)
            return true;
        if (!peers.TryFindWeakest(out var weakest))
            return false;

        Evict(weakest);
        return true;
    }

    private void Evict(PeerChannel peer)
    {
        Counters.PeersEvicted++;
        if (peer.RoomWanted is not null)
            owed.Add(new NodeEvent { Kind = NodeEventKind.RoomAvailable, Peer = peer.Id });

        Lose(peer, PeerLoss.Evicted, owed);
    }

    private void PayOwed(NodeEvents events)
    {
        foreach (ref readonly var happened in owed.All)
        {
            // A lane may have ended since; nothing comes after its end.
            if (happened.Kind == NodeEventKind.LaneEnded || happened.Lane is not { IsOpen: false })
                events.Add(happened);
        }

        owed.Clear();
    }

    internal void QueueToWrite(PeerChannel peer)
    {
        if (peer.IsQueuedToWrite || peer.IsRemoved)
            return;

        peer.IsQueuedToWrite = true;
        toWrite.Enqueue(peer);
    }

    internal void Register(ChannelSession session) => sessions.Add(session.LocalIndex, session);

    internal void Release(ChannelSession session)
    {
        Responder.OnSettled(session);
        EarlyPackets.Forget(session);
        sessions.Remove(session.LocalIndex);
        session.Peer.Settle(session.FirstFlight, arrived: false);
        session.FirstFlight = [];
        session.Dispose();
    }

    /// <summary>A session is proven: choose what to send on and tell the driver unless it knows.</summary>
    internal void Establish(Instant now, ChannelSession session, NodeEvents events)
    {
        var peer = session.Peer;
        peer.Sessions.Establish(now, session);
        peer.Association?.OnEstablished();
        peer.SettleFirstFlightBefore(session);
        peer.Candidates?.StopAll(); // newer than they are, the handshake says where the peer is
        if (session.IsAddressProven)
            peer.Attempt?.OnReachedBy(now, session.Path.Address); // SEC-044
        peer.LastUsedAt = now;
        peers.Note(peer);
        peer.NoteOpenness(now);
        peer.Association?.Lanes?.OnReached(now);
        Counters.SessionsEstablished++;
        if (!peer.IsAnnounced && peer.ClosePending is null)
        {
            peer.IsAnnounced = true;
            events.Add(new NodeEvent { Kind = NodeEventKind.PeerReady, Peer = peer.Id, Address = session.Path.Address });
        }

        QueueToWrite(peer);
    }

    internal void QueueReply(Instant now, PeerChannel peer, ulong id, ReplyStatus status, ReadOnlySpan<byte> data)
    {
        if (!peer.Packer.TryQueueReply(id, status, data))
            Counters.CountDropped(DropReason.ReplyQueueFull);

        QueueToWrite(peer);
    }

    /// <summary>Answers a request and keeps the answer for repetition (REQ-023).</summary>
    internal void ReplyTo(Instant now, PeerChannel peer, ulong id, ReplyStatus status, ReadOnlySpan<byte> data)
    {
        peer.Association?.Replies.Complete(now, id, status, data);
        QueueReply(now, peer, id, status, data);
    }

    /// <summary>Fails the open requests that were first sent before a moment; all of them when that is never.</summary>
    internal static void FailRequests(PeerChannel peer, PeerLoss loss, Instant sentBefore, NodeEvents events) // REQ-025
    {
        if (peer.Association is not { HasRequests: true } association)
            return;

        while (sentBefore.IsNever
            ? association.Requests.TryTakeAny(out var request)
            : association.Requests.TryTakeSentBefore(sentBefore, out request))
        {
            Fail(peer, association, request, loss, events);
        }
    }

    /// <summary>The peer broke the protocol: close with code 2 (MP-027, REC-011).</summary>
    internal void Break(PeerChannel peer, NodeEvents events)
    {
        if (peer.ClosePending is not null || peer.IsRemoved)
            return;

        FailAll(peer, PeerLoss.ProtocolError, events);
        peer.ClosePending = CloseCode.ProtocolError;
        QueueToWrite(peer);
    }

    /// <summary>An answered handshake is not wanted after all: close with that code, and let nothing of it through.</summary>
    internal void TurnAway(PeerChannel peer, CloseCode code, NodeEvents events)
    {
        FailAll(peer, PeerLoss.ClosedLocally, events);
        peer.ClosePending = code;
        QueueToWrite(peer);
    }

    /// <summary>The channel is gone: fail what waited and forget the peer.</summary>
    internal void Lose(PeerChannel peer, PeerLoss loss, NodeEvents events)
    {
        FailAll(peer, loss, events);
        Forget(peer);
    }

    /// <summary>Drops everything there is of a peer; its handle is dead afterwards.</summary>
    internal void Forget(PeerChannel peer)
    {
        if (peer.IsRemoved)
            return;

        Initiator.End(peer);
        peer.Sessions.Clear();
        peer.Packer.Clear();
        if (peer.Association is { } half)
            Former.Add(peer.Id, half, peer.LastUsedAt);
        peer.DropAssociation();
        peer.ForgetPaths();
        peers.Remove(peer);
        peer.IsRemoved = true;
        timers.Remove(peer);
    }

    private void TakeBackLent()
    {
        foreach (var array in lent)
            System.Buffers.ArrayPool<byte>.Shared.Return(array);

        lent.Clear();
    }

    private static void Require(PeerChannel peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.IsRemoved)
            throw new ArgumentException("The node has forgotten this peer; ask for a new handle with TryGetPeer.", nameof(peer));
    }

    internal static void Fail(PeerChannel peer, Association association, in TakenRequest request, PeerLoss loss, NodeEvents events)
    {
        association.OutgoingIds.Release(request.Id);
        events.Add(new NodeEvent
        {
            Kind = NodeEventKind.RequestFailed,
            Peer = peer.Id,
            Protocol = request.Protocol,
            RequestId = request.Id,
            State = request.State,
            Loss = loss,
        });
    }

    private void FailAll(PeerChannel peer, PeerLoss loss, NodeEvents events)
    {
        FailRequests(peer, loss, Instant.Never, events);
        Lanes.Fail(peer, loss, events);
        peer.Packer.Clear();

        // Only what was announced can be lost; a dial that the peer cut short has failed, and one that the driver ended it knows of.
        if (peer.IsAnnounced)
            events.Add(new NodeEvent { Kind = NodeEventKind.PeerLost, Peer = peer.Id, Loss = loss });
        else if (peer.Attempt is { } attempt && loss != PeerLoss.ClosedLocally)
            AddDialFailed(peer, attempt, events);

        Initiator.End(peer);
        peer.RoomWanted = null;
        peer.IsAnnounced = false;
    }

    private static void AddDialFailed(PeerChannel peer, HandshakeAttempt attempt, NodeEvents events) => events.Add(new NodeEvent
    {
        Kind = NodeEventKind.DialFailed, Peer = peer.Id, Loss = PeerLoss.Unreachable, State = attempt.Describe(),
    });

    private static bool IsReached(PeerChannel peer) =>
        peer.ClosePending is null && (peer.Sessions.Sending is not null || peer.Attempt is not null);

    private static SendStatus Admit(Instant now, PeerChannel peer, ProtocolId protocol, int length, out OutgoingName? name)
    {
        name = null;
        if (!IsReached(peer))
            return SendStatus.NotConnected;
        if (!peer.Packer.Messages.HasRoom(length))
        {
            peer.RoomWanted = new RoomWanted(length, NeedsId: false);
            return SendStatus.Full;
        }

        peer.LastUsedAt = now;
        return peer.RequireAssociation().OutgoingNames.Open(now, protocol, out name) switch
        {
            NameStatus.Ready => SendStatus.Accepted,
            NameStatus.RefusedRecently => SendStatus.Refused,
            _ => SendStatus.TooManyProtocols,
        };
    }

    private void QueueRequest(Instant now, PeerChannel peer, OutgoingName name, ulong id, int length)
    {
        var queued = peer.Packer.Messages.TryEnqueueRequest(now, name, id, length);
        Invariant.Check(queued);
        QueueToWrite(peer);
    }
}
