namespace MsgNet.Core;

/// <summary>
/// All MSP connections and listeners of one carrier of datagrams (<c>specs/msp.md</c>): packets go in, events and packets come out.
/// </summary>
/// <remarks>
/// Driven by one thread at a time. After every call that may have given it something to send, calls to its connections included, its driver
/// calls <see cref="WritePacket"/> until it returns false, and then re-arms its timer for <see cref="NextTimer"/>.
/// </remarks>
public sealed partial class MspEndpoint : IDisposable
{
    private const int ShortWindow = 4;

    private readonly Dictionary<MspPair, MspConnection> connections = [];
    private readonly Dictionary<MspAddress, MspListener> listeners = [];
    private readonly TimerQueue<MspConnection> timers = new();
    private readonly Queue<MspConnection> toWrite = [];
    private readonly Queue<MspPair> stops = [];
    private readonly LinkedList<MspConnection> lingering = [];
    private TokenBucket stopBudget;
    private int halfOpen;
    private int held;

    /// <summary>An endpoint without connections.</summary>
    /// <param name="poison">Overwrite buffers once they are free, so that code which kept a borrowed span is caught.</param>
    public MspEndpoint(bool poison) => Pool = new BufferPool(poison);

    /// <summary>When <see cref="OnTimer"/> must be called next; <see cref="Instant.Never"/> when idle.</summary>
    public Instant NextTimer => timers.Next;

    /// <summary>What it counted.</summary>
    public MspCounters Counters { get; } = new();

    /// <summary>Connections, those included that ended less than 10 s ago and answer late packets.</summary>
    public int ConnectionCount => connections.Count;

    internal BufferPool Pool { get; }

    /// <summary>Takes connections to an address from now on; with <see cref="MspAddress.Any"/> those no other listener takes.</summary>
    /// <exception cref="InvalidOperationException">Something listens there.</exception>
    public MspListener Listen(in MspAddress local, MspProfile profile)
    {
        ArgumentNullException.ThrowIfNull(profile);
        var listener = new MspListener(local, profile);
        if (!listeners.TryAdd(local, listener))
            throw new InvalidOperationException($"Something listens at {local}: close that listener, or use another port.");
        return listener;
    }

    /// <summary>Takes no more connections there; those it took go on. Nothing happens the second time.</summary>
    public void CloseListener(MspListener listener)
    {
        ArgumentNullException.ThrowIfNull(listener);
        if (listeners.TryGetValue(listener.Local, out var known) && known == listener)
            listeners.Remove(listener.Local);
        listener.States |= MspStates.Closed;
    }

    /// <summary>
    /// Opens a connection; nothing is sent for 10 ms, so that the first message may go with the first packet. False when there are
    /// <see cref="Limits.MspConnectionsMax"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is a connection between these two addresses.</exception>
    public bool TryConnect(Instant now, in MspPair pair, MspProfile profile, out MspConnection connection)
    {
        ArgumentNullException.ThrowIfNull(profile);
        connection = null!;
        if (connections.TryGetValue(pair, out var former))
        {
            if (!former.IsLingering)
                throw new InvalidOperationException($"There is a connection from {pair.Local} to {pair.Remote}: use another local port.");
            Forget(former);
        }

        if (!TryMakeRoom())
            return false;

        connection = new MspConnection(now, this, pair, profile, isAccepted: false);
        connections.Add(pair, connection);
        Touch(connection);
        return true;
    }

    /// <summary>Takes a packet. Never throws on what the network sent.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="pair">Where it came to, and from where.</param>
    /// <param name="packet">Its bytes, copied as far as they are kept.</param>
    /// <param name="events">Receives what happened; empty on entry (checked).</param>
    public void OnPacket(Instant now, in MspPair pair, ReadOnlySpan<byte> packet, MspEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        events.CheckEmpty();
        Counters.PacketsReceived++;
        if (!MspPacket.TryParse(packet, out var parsed) || parsed.Data.Length > Limits.MspDataMax) // MSP-005
        {
            Counters.Malformed++;
            return;
        }

        if (!connections.TryGetValue(pair, out var connection)) // MSP-051
        {
            OnUnknown(now, pair, packet.Length, parsed, events);
            return;
        }

        var isFirst = (parsed.Flags & (MspFlags.First | MspFlags.Stop)) == MspFlags.First;
        if (connection.IsLingering && isFirst && packet.Length >= MspPacket.AckLength)
        {
            Forget(connection); // MSP-056
            OnUnknown(now, pair, packet.Length, parsed, events);
        }
        else if (connection.IsLingering)
        {
            connection.OnLatePacket(now, parsed);
            Touch(connection);
        }
        else
        {
            Hand(now, connection, parsed, events);
        }
    }

    /// <summary>Does what is due. <paramref name="events"/> is empty on entry (checked).</summary>
    public void OnTimer(Instant now, MspEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        events.CheckEmpty();
        while (timers.TryPeekDue(now, out var connection))
        {
            // Out of the queue until WritePacket has seen it: what is due may be a packet.
            timers.Remove(connection);
            connection.OnTimer(now, events);
            Touch(connection);
        }
    }

    /// <summary>Writes the next packet; false when nothing is to be sent now.</summary>
    public bool WritePacket(Instant now, ref MspPacketWriter writer)
    {
        if (stops.TryDequeue(out var pair))
        {
            writer.Buffer[0] = (byte)MspFlags.Stop; // MSP-004
            writer.Complete(pair, 1);
            Counters.StopsSent++;
            Counters.PacketsSent++;
            return true;
        }

        while (toWrite.TryDequeue(out var connection))
        {
            var length = connection.IsForgotten ? 0 : connection.Write(now, writer.Buffer);
            if (length > 0)
            {
                // To the end of the queue: the others have packets too.
                toWrite.Enqueue(connection);
                writer.Complete(connection.Pair, length);
                Counters.PacketsSent++;
                return true;
            }

            connection.IsQueuedToWrite = false;
            if (!connection.IsForgotten)
                timers.Update(connection);
        }

        return false;
    }

    /// <summary>Ends every connection and listener and tells nobody.</summary>
    public void Dispose()
    {
        foreach (var connection in connections.Values.ToArray())
            connection.Abandon();
        foreach (var listener in listeners.Values.ToArray())
            CloseListener(listener);
    }
}
