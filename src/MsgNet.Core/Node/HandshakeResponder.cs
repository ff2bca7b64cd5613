namespace MsgNet.Core;

/// <summary>
/// The responder's half of the handshake: judges HELLOs in the order of <c>specs/secure-datagrams.md</c> section 6, each step cheaper than
/// the next.
/// </summary>
internal sealed class HandshakeResponder(UdpNode node) : IDisposable
{
    private readonly HandshakeGate gate = new(node);
    private readonly ResponderHandshake handshake = new(node.Crypto);
    private readonly EphemeralCache answered = new();
    private readonly EphemeralCache attempts = new();
    private readonly LinkedList<ChannelSession> halfOpen = new();

    /// <summary>Handshakes answered, or withheld, and not confirmed.</summary>
    public int HalfOpenCount => halfOpen.Count;

    /// <summary>Takes a HELLO.</summary>
    public void OnHello(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram, NodeEvents events)
    {
        if (datagram.Length > Limits.HelloSizeMax || !HelloMessage.TryParse(datagram, out var hello)) // SEC-012
        {
            node.Counters.CountDropped(DropReason.Malformed);
            return;
        }

        if (!gate.IsForThisNode(hello)) // SEC-024: no public-key operation before
        {
            node.Counters.CountDropped(DropReason.BadMac);
            return;
        }

        if (answered.TryGet(now, hello.Ephemeral, out var index))
        {
            OnRepeated(from, datagram.Length, node.FindSession(index));
            return;
        }

        Span<byte> cookie = stackalloc byte[RetryMessage.CookieLength];
        cookie.Clear();
        if (!gate.TryAdmit(now, from, hello, halfOpen.Count, cookie))
            return;

        handshake.Restart();
        if (Open(now, from, hello, cookie, out var payload) is { } reason)
            node.Counters.CountDropped(reason);
        else if (gate.IsTimely(now, from, hello, handshake.RemoteKey, payload.Timestamp))
            OnProven(now, from, datagram.Length, hello, payload, events);

        handshake.Dispose();
    }

    /// <summary>A session was confirmed, or dropped: it is no longer half open.</summary>
    public void OnSettled(ChannelSession session)
    {
        if (session.HalfOpenNode is { } entry)
            halfOpen.Remove(entry);

        session.HalfOpenNode = null;
    }

    /// <summary>Wipes the cookies' secrets.</summary>
    public void Dispose() => gate.Dispose();

    // The sixth and the seventh step: what is in it? Null, or why nobody is told.
    private DropReason? Open(
        Instant now, in NetAddress from, HelloMessage hello, ReadOnlySpan<byte> cookie, out HelloPayload payload)
    {
        payload = default;
        if (!handshake.TryReadStatic(hello, cookie)) // SEC-054
            return DropReason.NotAuthentic;
        if (handshake.RemoteKey.SequenceEqual(node.Crypto.PublicKey)) // SEC-056
            return DropReason.OwnKey;
        if (!gate.IsWithinRate(now, from, hello))
            return DropReason.AddressRate;

        return handshake.TryReadPayload(hello, node.PayloadBuffer, out payload)
            && payload.Incarnation != 0
            && ChannelOffers.AreCompatible(node.Offers, payload.Offers) // SEC-123
            ? null
            : DropReason.NotAuthentic;
    }

    // S_i is proven, and the HELLO no recording.
    private void OnProven(
        Instant now, in NetAddress from, int length, HelloMessage hello, HelloPayload payload, NodeEvents events)
    {
        if (!node.HasRoomAt(now, from, handshake.RemoteKey))
        {
            node.Counters.CountDropped(DropReason.TooManyAtAddress); // API-097
            return;
        }

        if (!node.TryGetPeer(now, handshake.RemoteKey, handshake.RemoteAgreementKey, out var peer))
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

        if (!peer.Sessions.TryFreeRemoteIndex(hello.SenderIndex, payload.Timestamp)) // SEC-070
        {
            node.Counters.CountDropped(DropReason.TableFull);
            return;
        }

        node.Lanes.TakeOutcomes(now, peer, events);
        Answer(now, from, length, hello, payload, peer, events);
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
        var association = peer.RequireAssociation();
        if (!association.TryTakeTimestamp(timestamp))
            return false;

        // Some of it may have come under the keys of a half that has ended: its sender knows, and says the rest again.
        if (node.Former.HadKeys(now, peer.Id, association.RemoteIncarnation)) // SEC-107
            return false;

        Span<byte> attempt = stackalloc byte[32];
        WriteAttempt(peer, timestamp, attempt);
        if (attempts.TryGet(now, attempt, out _) || !attempts.TryAdd(now, attempt, HalfOf(association)))
            return false;

        gate.OnDelivered(now, peer.Identity.PublicKey, timestamp);
        association.OnFirstFlight(now, timestamp); // SEC-066
        return true;
    }

    // SEC-105: what it delivered is forgotten, and its sender would say it again under the keys that this HELLO makes. Who has keys knows
    // the present half; there this is a HELLO that comes late.
    private bool WasDeliveredBefore(Instant now, PeerChannel peer, Association association, ulong timestamp)
    {
        if (peer.IsReady || peer.IsAnnounced || timestamp <= association.LastHelloTimestamp)
            return false;

        Span<byte> attempt = stackalloc byte[32];
        WriteAttempt(peer, timestamp, attempt);
        return attempts.TryGet(now, attempt, out var half) && half != HalfOf(association);
    }

    private static void WriteAttempt(PeerChannel peer, ulong timestamp, Span<byte> attempt)
    {
        peer.Identity.PublicKey[..24].CopyTo(attempt);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(attempt[24..], timestamp);
    }

    private static uint HalfOf(Association association) => (uint)association.LocalIncarnation;

    private void Answer(
        Instant now,
        in NetAddress from,
        int length,
        HelloMessage hello,
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
        var isOver = !isOtherLife && WasDeliveredBefore(now, peer, association, payload.Timestamp);
        var isWithheld = !isOver && node.MustAskAbout(peer); // SEC-067
        peer.LastUsedAt = now;
        if (!isOtherLife && !isWithheld)
            Deliver(now, peer, payload, events);

        var early = isOtherLife || isWithheld ? null : PrepareEarly(from, hello.SenderIndex, payload.Timestamp, association);
        Span<byte> datagram = stackalloc byte[Limits.DatagramSizeMin];
        var room = Math.Min(datagram.Length, length * Limits.AmplificationFactor) - AckMessage.Overhead;
        Span<byte> frames = stackalloc byte[Limits.DatagramSizeMin];
        var writer = new WireWriter(frames[..room]);
        if (!isOtherLife && !isWithheld)
            association.TryWriteControl(now, ref writer);

        var size = handshake.WriteAck(datagram, index, association.LocalIncarnation, node.Offers, writer.Written, out var keys);
        if (size == 0 || keys is null)
        {
            early?.Key.Dispose();
            node.Counters.CountDropped(DropReason.NotAuthentic);
            return;
        }

        var session = new ChannelSession(
            peer, peer.PathTo(from), keys, index, hello.SenderIndex, isInitiator: false, node.Random, now)
        {
            AttemptTimestamp = payload.Timestamp,
            StoredAck = datagram[..size].ToArray(),
            AckPending = true,
            LedgerReceived = length,
            Held = isOtherLife && !isWithheld ? Hold(payload) : null,
            Withheld = isWithheld ? Hold(payload) : null,
        };
        Remember(now, session, early, events);
        if (isWithheld)
            UdpNode.AskAbout(peer, from, events);
        if (isOver)
            node.CloseAgain(peer, events);
    }

    private void Deliver(Instant now, PeerChannel peer, HelloPayload payload, NodeEvents events)
    {
        node.Reader.OnIncarnation(now, peer, payload.Incarnation, keptTimestamp: false, events);
        if (MayDeliver(now, peer, payload.Timestamp))
            node.Reader.OnFrames(now, peer, null, payload.Frames, node.PayloadBuffer, HelloPayload.FieldsLength, early: true, events);
    }

    private static HeldFlight Hold(HelloPayload payload) => new(payload.Incarnation, payload.Timestamp, payload.Frames.ToArray());

    // SEC-066: null for an attempt that may deliver nothing.
    private EarlyInbox? PrepareEarly(in NetAddress from, uint index, ulong timestamp, Association association) =>
        association.EarlyWindow is { } window && window.Timestamp == timestamp
            ? new EarlyInbox(new EarlySource(from, index), handshake.CreateEarlyKey(), window)
            : null;

    private void Remember(Instant now, ChannelSession session, EarlyInbox? early, NodeEvents events)
    {
        node.Counters.HandshakesAnswered++;
        node.Register(session);
        if (early is not null)
            node.EarlyPackets.Expect(session, early);

        session.Peer.Sessions.AddUnconfirmed(session);
        node.QueueToWrite(session.Peer);
        session.HalfOpenNode = halfOpen.AddLast(session);
        if (halfOpen.Count > Limits.HalfOpenMax)
            node.DropHalfOpen(now, halfOpen.First!.Value, events); // SEC-062

        node.Counters.HalfOpenPeak = Math.Max(node.Counters.HalfOpenPeak, halfOpen.Count);
    }
}
