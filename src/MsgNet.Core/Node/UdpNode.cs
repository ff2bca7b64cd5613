using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// The sealed channel of one identity to all its peers: handshakes, keys, frames, recovery. Pure: datagrams and time go in, events and
/// datagrams come out (<c>specs/secure-datagrams.md</c>, <c>multipacket.md</c>, <c>requests.md</c>, <c>recovery.md</c>).
/// </summary>
/// <remarks>
/// Driven by one thread at a time. After every call the driver handles the events, calls <see cref="WriteDatagram"/> until it returns false
/// and re-arms its timer for <see cref="NextTimer"/>.
/// </remarks>
// SEC-027, SEC-111
public sealed partial class UdpNode : IDisposable
{
    /// <summary>Makes a node without peers.</summary>
    /// <param name="crypto">The identity and its primitives; the node does not dispose it.</param>
    /// <param name="random">Indices, incarnations, jitter.</param>
    /// <param name="protocols">Names with a handler here.</param>
    /// <param name="settings">Bounds and timings the user may choose.</param>
    public UdpNode(IChannelCrypto crypto, IRandom random, ProtocolRegistry protocols, UdpNodeSettings settings)
    {
        ArgumentNullException.ThrowIfNull(crypto);
        ArgumentNullException.ThrowIfNull(random);
        ArgumentNullException.ThrowIfNull(protocols);
        ArgumentNullException.ThrowIfNull(settings);
        if (!Enum.IsDefined(settings.CongestionControl))
            throw new ArgumentException("Choose one of the congestion controls there are.", nameof(settings));

        Crypto = crypto;
        Random = random;
        Protocols = protocols;
        Settings = settings;
        Offers = crypto.HasAes256Gcm && settings.OfferAes // SEC-121, SEC-125
            ? (byte)(ChannelOffers.Common | ChannelOffers.Aes256Gcm)
            : ChannelOffers.Common;
        Pool = new BufferPool(settings.PoisonReturnedBuffers);
        Loose = new LooseReplies(Counters);
        Initiator = new HandshakeInitiator(this);
        Paths = new PeerPaths(random);
        Lanes = new PeerLanes(this);
        Reader = new PeerReader(this);
        Responder = new HandshakeResponder(this);
        EarlyPackets = new EarlyReceiver(this);
        Hints = new RestartHints(this);
        Draining = new DrainingSessions(this);
        wallOffset = settings.UnixMicrosecondsAtZero;
        writer = new PeerWriter(this);
        introductions = new Introductions(this, settings.AnswerWho);
    }

    /// <summary>Longest unreliable message that one datagram carries on every path, once the peer knows the protocol's number.</summary>
    public static int DatagramMessageMax { get; } = Limits.DatagramSizeMin
        - Limits.SealOverhead
        - FrameSize.Listed(FrameSize.Continuation(0))
        - 1; // the frame's length takes two bytes, not one

    /// <summary>What was counted.</summary>
    public NodeCounters Counters { get; } = new();

    /// <summary>When <see cref="OnTimer"/> must be called next; <see cref="Instant.Never"/> when idle.</summary>
    public Instant NextTimer =>
        owed.Count > 0 ? Instant.Zero : Instant.Min(timers.Next, Instant.Min(Draining.NextTimer, introductions.NextTimer));

    /// <summary>
    /// More waits for the peer that <see cref="WriteDatagram"/> wrote to last: a driver that hands datagrams over together asks for it
    /// first. When it is false there may be another datagram yet, but none that is worth waiting for.
    /// </summary>
    public bool HasMoreToWrite => toWrite.TryPeek(out var peer) && peer.HasWork;

    /// <summary>Peers with state of any kind.</summary>
    public IEnumerable<PeerChannel> Peers => peers.All;

    /// <summary>Peers with state of any kind.</summary>
    public int PeerCount => peers.Count;

    /// <summary>The peer's handle, made if need be; false when the table is full.</summary>
    /// <exception cref="ArgumentException">The peer id holds no usable Ed25519 key, or is this node's own.</exception>
    public bool TryGetPeer(Instant now, PeerId id, [NotNullWhen(true)] out PeerChannel? peer)
    {
        if (peers.TryFind(id, out peer))
            return true;

        Span<byte> key = stackalloc byte[32];
        if (!id.TryGetEd25519(key))
            throw new ArgumentException($"{id} holds no Ed25519 key, so UDP cannot reach it; use a libp2p stream transport.", nameof(id));
        if (key.SequenceEqual(Crypto.PublicKey))
            throw new ArgumentException("This is the node's own peer id; a node does not dial itself.", nameof(id));
        if (!RemoteIdentity.TryCreate(Crypto, key, out var identity))
            throw new ArgumentException($"{id} holds a key that is no valid Ed25519 point.", nameof(id));

        return TryAdd(now, id, identity, out peer);
    }

    /// <summary>The peer's handle, when the node has state for it.</summary>
    public bool TryFindPeer(PeerId id, [NotNullWhen(true)] out PeerChannel? peer) => peers.TryFind(id, out peer);

    /// <summary>
    /// Starts to reach a peer that has no keys, or adds addresses and time to the attempt that runs. Does nothing when it is ready.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="addresses">At least one address to try.</param>
    /// <param name="timeout">When to give up, at most 20 s.</param>
    public void Dial(Instant now, PeerChannel peer, ReadOnlySpan<NetAddress> addresses, TimeSpan timeout)
    {
        Require(peer);
        if (addresses.IsEmpty)
            throw new ArgumentException("Give at least one address to dial.", nameof(addresses));
        peer.Acceptance = PeerAcceptance.Accepted; // SEC-067
        if (peer.IsReady)
            return;

        peer.DialAddresses = addresses.ToArray();
        peer.LastUsedAt = now;
        Initiator.Start(now, peer, addresses, timeout < NodeTimings.AttemptMax ? timeout : NodeTimings.AttemptMax);
        QueueToWrite(peer);
    }

    /// <summary>
    /// Says goodbye to a peer and forgets it once the CLOSE is written; what waited fails with <see cref="PeerLoss.ClosedLocally"/>. For 3
    /// PTO more the node repeats the CLOSE to a peer that goes on (SEC-086); a driver that ends need not wait for that.
    /// </summary>
    public void Close(Instant now, PeerChannel peer, CloseCode code, NodeEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        ArgumentNullException.ThrowIfNull(peer);
        if (peer.IsRemoved || peer.ClosePending is not null)
            return;

        FailAll(peer, PeerLoss.ClosedLocally, events);
        if (peer.Sessions.Sending is null)
        {
            Forget(peer);
            return;
        }

        peer.ClosePending = code;
        QueueToWrite(peer);
    }

    /// <summary>Takes one datagram, opened in place. Never throws on what the network sent.</summary>
    /// <param name="now">The time of the receive batch.</param>
    /// <param name="from">Where it came from and the local port it came in by.</param>
    /// <param name="datagram">The UDP payload; its content is undefined afterwards, except the ranges that events name.</param>
    /// <param name="events">Receives what happened; empty on entry (checked).</param>
    public void OnDatagram(Instant now, in NetAddress from, Span<byte> datagram, NodeEvents events) =>
        OnDatagram(now, from, datagram, default, events);

    /// <summary>As the other, of a datagram that was looked up (<see cref="LookUp"/>) and opened ahead.</summary>
    /// <param name="now">The time of the receive batch.</param>
    /// <param name="from">Where it came from and the local port it came in by.</param>
    /// <param name="datagram">
    /// The UDP payload, opened if there was a key; its content is undefined afterwards, except the ranges that events name.
    /// </param>
    /// <param name="opened">What <see cref="UnopenedPackets"/> has of it.</param>
    /// <param name="events">Receives what happened; empty on entry (checked).</param>
    // SEC-005, SEC-006
    public void OnDatagram(Instant now, in NetAddress from, Span<byte> datagram, in OpenedPacket opened, NodeEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        events.CheckEmpty();
        TakeBackLent();
        Counters.DatagramsReceived++;
        Counters.BytesReceived += datagram.Length;
        switch (ChannelHeader.Read(datagram))
        {
            case ChannelMessageType.Data:
                OnData(now, from, datagram, opened, events);
                break;
            case ChannelMessageType.Hello:
                Responder.OnHello(now, from, datagram, events);
                break;
            case ChannelMessageType.Early:
                EarlyPackets.OnEarly(now, from, datagram, events);
                break;
            case ChannelMessageType.Ack:
                Initiator.OnAck(now, from, datagram, events);
                break;
            case ChannelMessageType.Hint:
                Hints.OnHint(now, from, datagram);
                break;
            case ChannelMessageType.Retry:
                Initiator.OnRetry(now, datagram);
                break;
            case ChannelMessageType.Who:
                introductions.OnWho(now, from, datagram);
                break;
            case ChannelMessageType.Iam:
                introductions.OnIam(from, datagram, events);
                break;
            default:
                Counters.CountDropped(DropReason.Malformed); // SEC-004
                break;
        }
    }

    /// <summary>Does what is due at <paramref name="now"/>. <paramref name="events"/> is empty on entry (checked).</summary>
    public void OnTimer(Instant now, NodeEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        events.CheckEmpty();
        PayOwed(events);
        Draining.Expire(now);
        introductions.OnTimer(now, events);
        while (timers.TryPeekDue(now, out var peer))
        {
            // Out of the queue until WriteDatagram has seen the peer: what is due may be a datagram.
            timers.Remove(peer);
            OnPeerTimer(now, peer, events);
            QueueToWrite(peer);
        }
    }

    /// <summary>Packs and seals the next datagram into the caller's buffer; false when nothing may be sent now.</summary>
    public bool WriteDatagram(Instant now, ref DatagramWriter writer)
    {
        if (Loose.TryWrite(ref writer) || Draining.TryWrite(now, ref writer))
        {
            Counters.DatagramsSent++;
            Counters.BytesSent += writer.Length;
            return true;
        }

        while (toWrite.TryPeek(out var peer))
        {
            if (peer is { IsRemoved: false, IsPaused: false } && this.writer.TryWrite(now, peer, ref writer))
            {
                writer.Peer = peer;
                Counters.DatagramsSent++;
                Counters.BytesSent += writer.Length;
                return true;
            }

            toWrite.Dequeue();
            peer.IsQueuedToWrite = false;
            if (peer is { IsRemoved: false, IsPaused: false })
            {
                timers.Update(peer);
                peers.Note(peer);
            }
        }

        return false;
    }

    /// <summary>
    /// Nothing more is written to a peer until <see cref="Resume"/>: for a driver that has packets of it still to seal and to send
    /// (<see cref="DatagramWriter.Unsealed"/>), and whose other threads must not overtake it.
    /// </summary>
    public static void Pause(PeerChannel peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        peer.IsPaused = true;
    }

    /// <summary>What was written to the peer has left: <see cref="WriteDatagram"/> goes on with it.</summary>
    public void Resume(PeerChannel peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        peer.IsPaused = false;
        QueueToWrite(peer);
    }

    /// <summary>Wipes every key. Peers are not told; close them first for that.</summary>
    public void Dispose()
    {
        foreach (var peer in peers.All.ToArray())
            Forget(peer);
        Draining.Expire(Instant.Never);
        Responder.Dispose();
    }

    private bool TryAdd(Instant now, PeerId id, RemoteIdentity identity, [NotNullWhen(true)] out PeerChannel? peer)
    {
        peer = TryMakeRoom() ? new PeerChannel(this, id, identity, Pool) { LastUsedAt = now } : null;
        if (peer is null)
            return false;

        peers.Add(peer);
        timers.Update(peer);
        return true;
    }
}
