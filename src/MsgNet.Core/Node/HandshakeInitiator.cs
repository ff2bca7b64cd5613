namespace MsgNet.Core;

/// <summary>The initiator's half of the handshake: starts attempts, makes their images, opens the ACKs.</summary>
internal sealed class HandshakeInitiator(UdpNode node)
{
    private readonly Dictionary<uint, (PeerChannel Peer, HelloImage Image)> pending = [];
    private ulong lastTimestamp;

    /// <summary>True when an image waits under this index.</summary>
    public bool IsPending(uint index) => pending.ContainsKey(index);

    /// <summary>Starts an attempt, or adds to the one that runs.</summary>
    public void Start(Instant now, PeerChannel peer, ReadOnlySpan<NetAddress> addresses, TimeSpan timeout)
    {
        if (peer.Attempt is null)
        {
            peer.RequireAssociation();
            lastTimestamp = Math.Max(node.UnixMicroseconds(now), lastTimestamp + 1); // SEC-034
            peer.Attempt = new HandshakeAttempt(lastTimestamp, now, now + timeout);
        }
        else
        {
            peer.Attempt.Extend(now + timeout);
        }

        foreach (var address in addresses)
            peer.Attempt.AddTarget(address);
    }

    /// <summary>Makes the next image of an attempt: fresh ephemeral key and index, same timestamp, same frames (SEC-033).</summary>
    public void AddImage(Instant now, PeerChannel peer, HandshakeAttempt attempt)
    {
        var association = peer.RequireAssociation();
        attempt.FirstFlight ??= PackFirstFlight(now, peer, association);
        var handshake = new InitiatorHandshake(node.Crypto, peer.Identity, default);
        var index = node.NewIndex();
        var datagram = new byte[HelloMessage.Overhead + attempt.FirstFlight.Length];
        var length = handshake.WriteHello(
            datagram, index, attempt.Timestamp, association.LocalIncarnation, ChannelOffers.Own, attempt.FirstFlight);
        var image = new HelloImage(index, handshake, datagram, length);
        pending.Add(index, (peer, image));
        if (attempt.AddImage(image) is { } forgotten)
            Forget(forgotten);
    }

    /// <summary>Takes an ACK: opens it under the image it names, and makes the session (SEC-036, SEC-037).</summary>
    public void OnAck(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram, NodeEvents events)
    {
        if (datagram.Length > Limits.DatagramSizeMax || !AckMessage.TryParse(datagram, out var ack))
        {
            node.Counters.CountDropped(DropReason.Malformed);
            return;
        }

        if (!pending.TryGetValue(ack.ReceiverIndex, out var waiting))
        {
            node.Counters.CountDropped(DropReason.UnknownIndex);
            return;
        }

        var peer = waiting.Peer;
        var buffer = node.PayloadBuffer;
        if (peer.Sessions.HasRemoteIndex(ack.SenderIndex)
            || !waiting.Image.Handshake.TryReadAck(datagram, buffer, out var payload, out var keys))
        {
            node.Counters.CountDropped(DropReason.NotAuthentic);
            return;
        }

        if (payload.Incarnation == 0 || peer.IsDeadIncarnation(payload.Incarnation)
            || !ChannelOffers.AreCompatible(ChannelOffers.Own, payload.Offers))
        {
            keys.Dispose();
            node.Counters.CountDropped(DropReason.NotAuthentic);
            return;
        }

        node.Reader.OnIncarnation(now, peer, payload.Incarnation, keptTimestamp: true, events);
        var session = Complete(now, peer, waiting.Image, from, ack.SenderIndex, keys, events);
        node.Reader.OnFrames(now, peer, session, payload.Frames, buffer, AckPayload.FieldsLength, early: false, events);
    }

    /// <summary>Ends an attempt: its images can no longer be answered.</summary>
    public void End(PeerChannel peer)
    {
        if (peer.Attempt is not { } attempt)
            return;

        foreach (var image in attempt.Images)
            pending.Remove(image.Index);

        attempt.Dispose();
        peer.Attempt = null;
    }

    private ChannelSession Complete(
        Instant now, PeerChannel peer, HelloImage image, in NetAddress from, uint remoteIndex, SessionKeys keys, NodeEvents events)
    {
        var attempt = peer.Attempt!;
        var path = peer.PathTo(from);
        if (image.Sends == 1)
            path.Recovery.OnRoundTripSample(now, now - image.SentAt); // REC-023

        path.Recovery.OnPacketReceived();
        var session = new ChannelSession(peer, path, keys, image.Index, remoteIndex, isInitiator: true, node.Random, now);
        foreach (var other in attempt.Images)
            pending.Remove(other.Index);

        node.Register(session);
        attempt.Dispose(); // SEC-039, SEC-040
        peer.Attempt = null;
        node.Establish(now, session, events);
        return session;
    }

    private byte[] PackFirstFlight(Instant now, PeerChannel peer, Association association)
    {
        const int room = Limits.HelloSizeMax - HelloMessage.Overhead;
        Span<byte> frames = stackalloc byte[room];
        var writer = new WireWriter(frames);
        var pto = peer.Sessions.Sending?.Path.Recovery.ProbeTimeout ?? NodeTimings.ProbeTimeoutInitial;
        peer.Packer.Fill(
            now,
            ref writer,
            association,
            new PackingTerms(Limits.DatagramSizeMin - Limits.SealOverhead, room, pto, Early: true)); // SEC-012
        return writer.Written.ToArray();
    }

    private void Forget(HelloImage image)
    {
        pending.Remove(image.Index);
        image.Dispose();
    }
}
