namespace MsgNet.Core;

/// <content>Who is let in, and who is forgotten.</content>
public sealed partial class MspEndpoint
{
    /// <summary>Something about a connection has changed: it may have a packet to write or another timer.</summary>
    internal void Touch(MspConnection connection)
    {
        if (connection.IsQueuedToWrite || connection.IsForgotten)
            return;

        connection.IsQueuedToWrite = true;
        toWrite.Enqueue(connection);
    }

    /// <summary>A connection has ended but for late packets.</summary>
    internal void Linger(MspConnection connection) => connection.Lingering = lingering.AddLast(connection);

    /// <summary>The peer of a connection has shown that it knows of it.</summary>
    internal void NoteKnown(MspConnection connection) => halfOpen -= connection.IsAccepted ? 1 : 0;

    /// <summary>A connection holds so many packets.</summary>
    internal void NoteHeld(MspConnection connection, int packets)
    {
        held += packets - connection.Held;
        connection.Held = packets;
    }

    /// <summary>Forgets a connection; packets of it are of an unknown one from now on.</summary>
    internal void Forget(MspConnection connection)
    {
        if (connection.IsForgotten)
            return;

        connection.IsForgotten = true;
        connections.Remove(connection.Pair);
        timers.Remove(connection);
        halfOpen -= connection.IsHalfOpen ? 1 : 0;
        NoteHeld(connection, 0);
        connection.Release();
        if (connection.Lingering is { } place)
            lingering.Remove(place);
    }

    /// <summary>Forgets a connection and sends STOP.</summary>
    internal void ForgetAndTell(MspConnection connection)
    {
        Forget(connection);
        stops.Enqueue(connection.Pair);
    }

    private void Hand(Instant now, MspConnection connection, MspPacket packet, MspEvents events)
    {
        // MSP-023: while the endpoint holds too much, what is not near is as lost; its acknowledgement counts.
        if (held >= Limits.MspHeldMax && connection.IsBeyond(packet, ShortWindow))
        {
            Counters.BeyondWindow++;
            packet = packet.WithoutData;
        }

        connection.OnPacket(now, packet, events);
        Touch(connection);
    }

    private void OnUnknown(Instant now, in MspPair pair, int length, MspPacket packet, MspEvents events)
    {
        Counters.Unknown++;
        if (packet.IsStop) // MSP-053
            return;

        var isOpening = (packet.Flags & MspFlags.First) != 0 && length >= MspPacket.AckLength;
        if (!isOpening || !TryFindListener(pair.Local, out var listener))
            Refuse(now, pair);
        else if (packet.HasAck && packet.Ack != ushort.MaxValue)
            Counters.BadAcks++; // MSP-021: nothing was sent
        else
            Accept(now, pair, listener, packet, events);
    }

    // MSP-052
    private void Accept(Instant now, in MspPair pair, MspListener listener, MspPacket packet, MspEvents events)
    {
        if (halfOpen >= Limits.MspHalfOpenMax || !TryMakeRoom()) // MSP-054
        {
            Counters.Refused++;
            return;
        }

        var connection = new MspConnection(now, this, pair, listener.Profile, isAccepted: true);
        connections.Add(pair, connection);
        halfOpen++;
        events.Add(MspEventKind.Accepted, connection, listener);
        connection.OnPacket(now, packet, events);
        Touch(connection);
    }

    private void Refuse(Instant now, in MspPair pair)
    {
        if (stopBudget.TryTake(now, Limits.MspStopsPerSecondMax, Limits.MspStopsPerSecondMax, 0)) // MSP-053
            stops.Enqueue(pair);
        else
            Counters.StopsWithheld++;
    }

    private bool TryFindListener(in MspAddress local, out MspListener listener)
        => listeners.TryGetValue(local, out listener!) || listeners.TryGetValue(MspAddress.Any(local.Port), out listener!);

    // MSP-054: whoever has ended gives way.
    private bool TryMakeRoom()
    {
        if (connections.Count >= Limits.MspConnectionsMax && lingering.First is { } oldest)
            Forget(oldest.Value);
        return connections.Count < Limits.MspConnectionsMax;
    }
}
