namespace MsgNet.Core;

/// <summary>
/// The responder's half of the handshake: judges HELLOs in the order of <c>specs/secure-datagrams.md</c> section 6, each step cheaper than
/// the next.
/// </summary>
internal sealed class HandshakeResponder(UdpNode node)
{
    private readonly HelloMac ownMac = new(node.Crypto, node.Crypto.PublicKey);
    private readonly EphemeralCache answered = new();
    private readonly EphemeralCache attempts = new();
    private readonly LinkedList<ChannelSession> halfOpen = new();

    /// <summary>Takes a HELLO.</summary>
    public void OnHello(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram, NodeEvents events)
    {
        if (datagram.Length > Limits.HelloSizeMax || !HelloMessage.TryParse(datagram, out var hello)) // SEC-012
        {
            node.Counters.CountDropped(DropReason.Malformed);
            return;
        }

        // SEC-024, SEC-025: no public-key operation before mac1 fits; no cookie was issued, so a mac2 fits nothing.
        if (!ownMac.Check(hello) || hello.HasMac2)
        {
            node.Counters.CountDropped(DropReason.BadMac);
            return;
        }

        if (answered.TryGet(now, hello.Ephemeral, out var index))
        {
            OnRepeated(from, datagram.Length, node.FindSession(index));
            return;
        }

        using var handshake = new ResponderHandshake(node.Crypto);
        var buffer = node.PayloadBuffer;
        if (!handshake.TryReadStatic(hello, default))
        {
            node.Counters.CountDropped(DropReason.NotAuthentic);
            return;
        }

        if (handshake.RemoteKey.SequenceEqual(node.Crypto.PublicKey))
        {
            node.Counters.CountDropped(DropReason.OwnKey);
            return;
        }

        if (!handshake.TryReadPayload(hello, buffer, out var payload)
            || payload.Incarnation == 0 || !ChannelOffers.AreCompatible(ChannelOffers.Own, payload.Offers))
        {
            node.Counters.CountDropped(DropReason.NotAuthentic);
            return;
        }

        if (!node.TryGetPeer(now, handshake.RemoteKey, out var peer) || peer.Sessions.HasRemoteIndex(hello.SenderIndex))
        {
            node.Counters.CountDropped(DropReason.TableFull);
            return;
        }

        // A late HELLO of a life that has ended must not undo the one that followed.
        if (peer.IsDeadIncarnation(payload.Incarnation))
        {
            node.Counters.CountDropped(DropReason.Replayed);
            return;
        }

        Answer(now, from, datagram.Length, hello, handshake, payload, peer, events);
    }

    /// <summary>A session was confirmed, or dropped: it is no longer half open.</summary>
    public void OnSettled(ChannelSession session)
    {
        if (session.HalfOpenNode is { } entry)
            halfOpen.Remove(entry);

        session.HalfOpenNode = null;
    }

    // SEC-051: the stored ACK again, to the address it first went to and within that address's ledger.
    private void OnRepeated(in NetAddress from, int length, ChannelSession? session)
    {
        if (session?.StoredAck is null || session.Path.Address != from)
        {
            node.Counters.CountDropped(DropReason.RepeatedHello);
            return;
        }

        session.LedgerReceived += length;
        session.AckPending = true;
        node.QueueToWrite(session.Peer);
    }

    /// <summary>
    /// True for the first image of an attempt to come: a second one opens a session but delivers nothing (SEC-059). Attempts are
    /// remembered as long as ephemeral keys are, beyond the end of an association.
    /// </summary>
    public bool MayDeliver(Instant now, PeerChannel peer, ulong timestamp)
    {
        if (!peer.RequireAssociation().TryTakeTimestamp(timestamp))
            return false;

        Span<byte> attempt = stackalloc byte[32];
        peer.Identity.PublicKey[..24].CopyTo(attempt);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(attempt[24..], timestamp);
        return !attempts.TryGet(now, attempt, out _) && attempts.TryAdd(now, attempt, 0);
    }

    private void Answer(
        Instant now,
        in NetAddress from,
        int length,
        HelloMessage hello,
        ResponderHandshake handshake,
        HelloPayload payload,
        PeerChannel peer,
        NodeEvents events)
    {
        var index = node.NewIndex();
        if (!answered.TryAdd(now, hello.Ephemeral, index))
        {
            node.Counters.CountDropped(DropReason.TableFull); // SEC-061: forgetting early would let a replay in
            return;
        }

        var association = peer.RequireAssociation();
        var isOtherLife = association.RemoteIncarnation != 0 && association.RemoteIncarnation != payload.Incarnation;
        var isWithheld = node.MustAskAbout(peer); // SEC-067
        peer.LastUsedAt = now;
        if (!isOtherLife && !isWithheld)
        {
            node.Reader.OnIncarnation(now, peer, payload.Incarnation, keptTimestamp: false, events);
            if (MayDeliver(now, peer, payload.Timestamp))
            {
                node.Reader.OnFrames(
                    now, peer, null, payload.Frames, node.PayloadBuffer, HelloPayload.FieldsLength, early: true, events);
            }
        }

        Span<byte> datagram = stackalloc byte[Limits.DatagramSizeMin];
        var room = Math.Min(datagram.Length, length * Limits.AmplificationFactor) - AckMessage.Overhead;
        Span<byte> frames = stackalloc byte[Limits.DatagramSizeMin];
        var writer = new WireWriter(frames[..room]);
        if (!isOtherLife && !isWithheld)
            association.IncomingNames.TryWriteControl(now, ref writer);

        var size = handshake.WriteAck(datagram, index, association.LocalIncarnation, ChannelOffers.Own, writer.Written, out var keys);
        if (size == 0 || keys is null)
        {
            node.Counters.CountDropped(DropReason.NotAuthentic);
            return;
        }

        var session = new ChannelSession(
            peer, peer.PathTo(from), keys, index, hello.SenderIndex, isInitiator: false, node.Random, now)
        {
            StoredAck = datagram[..size].ToArray(),
            AckPending = true,
            LedgerReceived = length,
            Held = isOtherLife && !isWithheld ? Hold(payload) : null,
            Withheld = isWithheld ? Hold(payload) : null,
        };
        Remember(session);
        if (isWithheld)
            UdpNode.AskAbout(peer, from, events);
    }

    private static HeldFlight Hold(HelloPayload payload) => new(payload.Incarnation, payload.Timestamp, payload.Frames.ToArray());

    private void Remember(ChannelSession session)
    {
        node.Counters.HandshakesAnswered++;
        node.Register(session);
        session.Peer.Sessions.AddUnconfirmed(session);
        node.QueueToWrite(session.Peer);
        session.HalfOpenNode = halfOpen.AddLast(session);
        if (halfOpen.Count > Limits.HalfOpenMax)
        {
            var oldest = halfOpen.First!.Value;
            oldest.Peer.Sessions.Drop(oldest); // SEC-062
            node.QueueToWrite(oldest.Peer);
        }

        node.Counters.HalfOpenPeak = Math.Max(node.Counters.HalfOpenPeak, halfOpen.Count);
    }
}
