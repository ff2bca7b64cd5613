using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>The initiator's half of the handshake: starts attempts, makes their images, opens the ACKs.</summary>
internal sealed class HandshakeInitiator(UdpNode node)
{
    private readonly Dictionary<uint, (PeerChannel Peer, HelloLane Lane)> pending = [];
    private ulong lastTimestamp;

    /// <summary>Images that may be answered.</summary>
    public int PendingCount => pending.Count;

    /// <summary>True when an image waits under this index.</summary>
    public bool IsPending(uint index) => pending.ContainsKey(index);

    /// <summary>Starts an attempt, or adds to the one that runs.</summary>
    public void Start(Instant now, PeerChannel peer, ReadOnlySpan<NetAddress> addresses, TimeSpan timeout)
    {
        if (peer.Attempt is null)
        {
            peer.RequireAssociation();
            lastTimestamp = Math.Max(node.WallMicroseconds(now), lastTimestamp + 1); // SEC-034
            peer.Attempt = new HandshakeAttempt(lastTimestamp, now, now + timeout);
        }
        else
        {
            peer.Attempt.Extend(now + timeout);
        }

        foreach (var address in addresses)
            peer.Attempt.AddTarget(address);
    }

    /// <summary>Makes the next image of a lane: fresh ephemeral key and index, same timestamp, same frames (SEC-033).</summary>
    public void AddImage(Instant now, PeerChannel peer, HandshakeAttempt attempt, HelloLane lane)
    {
        attempt.FirstFlight ??= PackFirstFlight(now, peer, attempt);
        AddImage(peer, attempt, lane, node.NewIndex());
    }

    /// <summary>Takes an ACK: opens it under the images it names, and makes the session (SEC-036, SEC-037).</summary>
    public void OnAck(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram, NodeEvents events)
    {
        if (datagram.Length > Limits.DatagramSizeEthernet || !AckMessage.TryParse(datagram, out var ack))
        {
            node.Counters.CountDropped(DropReason.Malformed);
            return;
        }

        if (!pending.TryGetValue(ack.ReceiverIndex, out var waiting))
        {
            node.Counters.CountDropped(DropReason.UnknownIndex);
            return;
        }

        var (peer, lane) = waiting;
        var buffer = node.PayloadBuffer;
        if (peer.Sessions.HasRemoteIndex(ack.SenderIndex)
            || !TryOpen(lane, ack.ReceiverIndex, datagram, buffer, out var image, out var payload, out var keys))
        {
            node.Counters.CountDropped(DropReason.NotAuthentic);
            return;
        }

        if (payload.Incarnation == 0 || peer.IsDeadIncarnation(payload.Incarnation)
            || !ChannelOffers.AreCompatible(node.Offers, payload.Offers))
        {
            keys.Dispose();
            node.Counters.CountDropped(DropReason.NotAuthentic);
            return;
        }

        node.Reader.OnIncarnation(now, peer, payload.Incarnation, keptTimestamp: true, events);
        var session = Complete(now, peer, image, new Arrival(from, datagram.Length), ack.SenderIndex, keys, events);
        if (node.Former.WasUnanswered(now, peer.Id, payload.Incarnation))
            node.CloseAgain(peer, events); // SEC-106
        else
            node.Reader.OnFrames(now, peer, session, payload.Frames, buffer, AckPayload.FieldsLength, early: false, events);
    }

    /// <summary>Takes a RETRY: the address of the image it answers is asked again at once, with the cookie (SEC-041).</summary>
    public void OnRetry(Instant now, ReadOnlySpan<byte> datagram)
    {
        if (!RetryMessage.TryParse(datagram, out var retry))
        {
            node.Counters.CountDropped(DropReason.Malformed);
            return;
        }

        if (!pending.TryGetValue(retry.ReceiverIndex, out var waiting))
        {
            node.Counters.CountDropped(DropReason.UnknownIndex);
            return;
        }

        var (peer, lane) = waiting;
        Span<byte> cookie = stackalloc byte[RetryMessage.CookieLength];
        if (FindAnswered(peer, lane, retry, cookie) is not { } answered)
        {
            node.Counters.CountDropped(DropReason.NotAuthentic);
            return;
        }

        var attempt = peer.Attempt!;
        if (answered.HasRetry || attempt.Retries == NodeTimings.RetriesMax)
        {
            node.Counters.CountDropped(DropReason.SurplusRetry);
            return;
        }

        attempt.Retries++;
        node.Counters.RetriesTaken++;
        lane.OnRetry(now, answered, cookie);
        AddImage(peer, attempt, lane, answered.Index);
        node.QueueToWrite(peer);
    }

    /// <summary>
    /// Fills one more EARLY packet from what waits; false when there is nothing that may go so, or the attempt has sent what it may.
    /// </summary>
    public static bool TryPackEarly(Instant now, PeerChannel peer, HandshakeAttempt attempt) // SEC-042
    {
        var room = attempt.Early.Room;
        if (room <= 0 || !peer.Packer.HasWork)
            return false;

        const int roomMax = Limits.DatagramSizeMin - Limits.SealOverhead;
        Span<byte> frames = stackalloc byte[roomMax];
        var writer = new WireWriter(frames[..room]);
        var terms = new PackingTerms(roomMax, roomMax, NodeTimings.ProbeTimeoutInitial, Early: true);
        // LANE-061: messages that nobody has to know the fate of.
        peer.Packer.Fill(now, ref writer, peer.RequireAssociation(), terms);
        if (writer.Position == 0)
            return false;

        attempt.Early.Add(writer.Written);
        return true;
    }

    /// <summary>Ends an attempt: its images can no longer be answered.</summary>
    public void End(PeerChannel peer)
    {
        if (peer.Attempt is not { } attempt)
            return;

        foreach (var lane in attempt.Lanes)
        {
            if (lane.Newest is { } newest)
                pending.Remove(newest.Index);
            if (lane.Previous is { } previous)
                pending.Remove(previous.Index);
        }

        peer.Settle(attempt.Carried, arrived: false);
        attempt.Dispose();
        peer.Attempt = null;
    }

    private ChannelSession Complete(
        Instant now, PeerChannel peer, HelloImage image, in Arrival ack, uint remoteIndex, SessionKeys keys, NodeEvents events)
    {
        node.Lanes.TakeOutcomes(now, peer, events);
        var path = peer.PathTo(ack.From);
        if (image.Sends == 1)
            path.Recovery.OnRoundTripSample(now, now - image.SentAt); // REC-023

        path.Recovery.OnPacketReceived();
        var session = new ChannelSession(peer, path, keys, image.Index, remoteIndex, isInitiator: true, node.Random, now)
        {
            LedgerReceived = ack.Bytes,
            FirstFlight = peer.Attempt!.Carried,
        };
        peer.Attempt.Carried = [];

        // SEC-081: whoever saw the ACK can have it come from anywhere.
        if (ack.From == image.Target.Address)
            session.ProveAddress();

        End(peer); // SEC-039, SEC-040, SEC-043
        node.Register(session);
        node.Establish(now, session, events);
        return session;
    }

    private void AddImage(PeerChannel peer, HandshakeAttempt attempt, HelloLane lane, uint index)
    {
        var frames = attempt.FirstFlight!;
        var handshake = new InitiatorHandshake(node.Crypto, peer.Identity, lane.Target.Cookie);
        var datagram = new byte[HelloMessage.Overhead + frames.Length];
        var incarnation = peer.RequireAssociation().LocalIncarnation;
        var length = handshake.WriteHello(datagram, index, attempt.Timestamp, incarnation, node.Offers, frames);
        pending[index] = (peer, lane);
        if (lane.Add(new HelloImage(index, lane.Target, handshake, datagram, length)) is not { } forgotten)
            return;

        if (!lane.Has(forgotten.Index))
            pending.Remove(forgotten.Index);

        forgotten.Dispose();
    }

    private static bool TryOpen(
        HelloLane lane,
        uint index,
        ReadOnlySpan<byte> datagram,
        Span<byte> buffer,
        [NotNullWhen(true)] out HelloImage? image,
        out AckPayload payload,
        [NotNullWhen(true)] out SessionKeys? keys)
    {
        image = lane.Newest!;
        if (image.Index == index && image.Handshake.TryReadAck(datagram, buffer, out payload, out keys))
            return true;

        image = lane.Previous;
        payload = default;
        keys = null;
        return image?.Index == index && image.Handshake.TryReadAck(datagram, buffer, out payload, out keys);
    }

    private HelloImage? FindAnswered(PeerChannel peer, HelloLane lane, RetryMessage retry, Span<byte> cookie)
    {
        var key = peer.Identity.PublicKey;
        if (lane.Newest is { } newest && newest.Index == retry.ReceiverIndex
            && retry.TryOpen(node.Crypto, key, newest.Handshake.Mac1, cookie))
        {
            return newest;
        }

        return lane.Previous is { } previous && previous.Index == retry.ReceiverIndex
            && retry.TryOpen(node.Crypto, key, previous.Handshake.Mac1, cookie)
            ? previous
            : null;
    }

    private byte[] PackFirstFlight(Instant now, PeerChannel peer, HandshakeAttempt attempt)
    {
        const int room = Limits.HelloSizeMax - HelloMessage.Overhead;
        Span<byte> frames = stackalloc byte[room];
        var writer = new WireWriter(frames);
        var pto = peer.Sessions.Sending?.Path.Recovery.ProbeTimeout ?? NodeTimings.ProbeTimeoutInitial;
        var terms = new PackingTerms(Limits.DatagramSizeMin - Limits.SealOverhead, room, pto, Early: true);
        peer.Packer.Fill(now, ref writer, peer.RequireAssociation(), terms); // SEC-012
        if (peer.Sessions.Sending is null) // LANE-060: what is lost under keys is known sooner
            attempt.Carried = node.Lanes.WriteFirstFlight(now, peer, terms.PathRoom, ref writer);
        return writer.Written.ToArray();
    }
}
