namespace MsgNet.Core;

/// <summary>
/// One MSP connection over datagrams (<c>specs/msp.md</c>): numbered messages both ways, and its timers. Made by
/// <see cref="MspEndpoint.TryConnect"/>, or by a listener. Not thread-safe: used by the one driver of its endpoint, which writes packets
/// and looks at its timer after each call.
/// </summary>
/// <remarks>
/// <code>
/// TryConnect, FIRST ─► open ─┬─ both shut down, all consumed ─► Completed, lingers 10 s
///                            ├─ STOP, 10 s of silence ────────► StoppedByPeer, TimedOut   (Completed, if nothing was missing)
///                            └─ Stop, Abandon ────────────────► StoppedLocally, Abandoned
/// </code>
/// </remarks>
public sealed partial class MspConnection : ITimed, IDisposable
{
    private readonly MspEndpoint endpoint;
    private readonly MspMachine machine;
    private readonly IMspRecovery recovery;
    private MspStates received;
    private int offset;
    private bool isFull;

    internal MspConnection(Instant now, MspEndpoint endpoint, in MspPair pair, MspProfile profile, bool isAccepted)
    {
        this.endpoint = endpoint;
        IsAccepted = isAccepted;
        Pair = pair;
        Profile = profile;
        machine = new MspMachine(
            new MspMachineSettings { SendWindow = profile.QueueMax, ReceiveWindow = Limits.MspWindowMax },
            endpoint.Pool);
        recovery = profile.IsAdaptive ? new MspAdaptiveRecovery(machine) : new MspServalRecovery(machine);
        heardAt = spokeAt = now;
    }

    /// <summary>Its two ends.</summary>
    public MspPair Pair { get; }

    /// <summary>How it sends and times.</summary>
    public MspProfile Profile { get; }

    /// <summary>Its state as Serval's API shows it.</summary>
    public MspStates States => received
        | (machine.IsShutdown ? MspStates.ShutdownLocal : 0)
        | (HasRoom ? MspStates.DataOut : 0)
        | (End == MspEnd.None ? 0 : MspStates.Closed)
        | (End == MspEnd.TimedOut ? MspStates.Error : 0)
        | (End is MspEnd.StoppedByPeer or MspEnd.StoppedLocally ? MspStates.Stopped : 0);

    /// <summary>How it ended; <see cref="MspEnd.None"/> while it has not.</summary>
    public MspEnd End { get; private set; }

    /// <summary>Messages accepted for sending; the newest has this number.</summary>
    public long Sent { get; private set; }

    /// <summary>Messages the peer has consumed: those numbered up to this. Does not change once the connection has ended.</summary>
    public long Delivered => Math.Min((long)machine.FirstUnacknowledged, Sent); // MSP-059: a SHUTDOWN of its own is no message

    /// <summary>Smoothed round-trip time; zero before the first sample and in <see cref="MspProfile.Serval"/>.</summary>
    public TimeSpan RoundTrip => recovery.RoundTrip;

    /// <summary>Free for the driver: what it keeps for the connection.</summary>
    public object? State { get; set; }

    /// <inheritdoc/>
    Instant ITimed.NextTimer => NextTimer;

    /// <inheritdoc/>
    int ITimed.QueueIndex { get; set; } = -1;

    /// <summary>Its endpoint has it in the queue of those that may have something to write.</summary>
    internal bool IsQueuedToWrite { get; set; }

    /// <summary>Its endpoint has forgotten it.</summary>
    internal bool IsForgotten { get; set; }

    /// <summary>It has ended, and answers late packets for a while.</summary>
    internal bool IsLingering => Lingering is not null;

    /// <summary>Its place among those that linger, the longest first.</summary>
    internal LinkedListNode<MspConnection>? Lingering { get; set; }

    /// <summary>A listener made it.</summary>
    internal bool IsAccepted { get; }

    /// <summary>It was accepted, and the peer has not shown that it knows.</summary>
    internal bool IsHalfOpen => IsAccepted && !isKnownByPeer;

    private int Unacknowledged => (int)(machine.NextSequence - machine.FirstUnacknowledged);

    // MSP-031
    private bool HasRoom => End == MspEnd.None && !machine.IsShutdown && Unacknowledged < Profile.WritableBelow;

    /// <summary>
    /// Accepts a message for sending; copies it. False when there is no room, of which <see cref="MspEventKind.Writable"/> tells, or when
    /// the connection has ended. An empty message is accepted and nothing is sent.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The message is longer than <see cref="Limits.MspMessageMax"/>.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Shutdown"/> was called.</exception>
    public bool TrySend(Instant now, ReadOnlySpan<byte> message)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(message.Length, Limits.MspMessageMax, nameof(message)); // MSP-005
        if (End != MspEnd.None)
            return false;
        if (machine.IsShutdown)
            throw new InvalidOperationException("This connection was shut down for sending: send before Shutdown.");
        if (message.IsEmpty) // MSP-005
            return true;
        if (!machine.CanAppend)
            return false;

        machine.Append(message);
        Sent++;
        isFull = !HasRoom;
        endpoint.Touch(this);
        return true;
    }

    /// <summary>No message follows those accepted. The peer may go on sending. Nothing happens the second time.</summary>
    public void Shutdown(Instant now)
    {
        if (End != MspEnd.None)
            return;

        machine.Shutdown();
        endpoint.Touch(this);
    }

    /// <summary>Ends it at once and tells the peer; what was not delivered is lost. Nothing happens when it has ended.</summary>
    public void Stop(Instant now, MspEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (End != MspEnd.None)
            return;

        Finish(MspEnd.StoppedLocally, events);
        endpoint.ForgetAndTell(this); // MSP-058
    }

    /// <summary>Ends it at once and tells nobody. No event follows.</summary>
    public void Abandon()
    {
        if (End == MspEnd.None)
            End = MspEnd.Abandoned;
        endpoint.Forget(this); // MSP-058
    }

    /// <summary>
    /// What is left of the oldest message that was not consumed; false when there is none. Borrowed until the next call into the
    /// connection or its endpoint.
    /// </summary>
    public bool TryPeek(out ReadOnlySpan<byte> message)
    {
        message = default;
        if (End != MspEnd.None || !machine.TryPeekReceived(out _, out var data))
            return false;

        message = data[offset..];
        return true;
    }

    /// <summary>
    /// Consumes so many bytes of the message that <see cref="TryPeek"/> gave. Only a message consumed to its end is acknowledged. Nothing
    /// happens when the connection has ended since.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The message has fewer bytes.</exception>
    /// <exception cref="InvalidOperationException">There is no message.</exception>
    public void Consume(Instant now, int bytes, MspEvents events)
    {
        ArgumentNullException.ThrowIfNull(events);
        if (End != MspEnd.None)
            return;
        if (!TryPeek(out var message))
            throw new InvalidOperationException("There is no message to consume: ask TryPeek before.");
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, message.Length);

        offset += bytes;
        if (bytes < message.Length) // MSP-014
            return;

        machine.TryPeekReceived(out var sequence, out _);
        ConsumeWhole(now, sequence);
        AfterConsuming(now, events);
        endpoint.Touch(this);
    }

    /// <inheritdoc/>
    void IDisposable.Dispose() => Abandon();

    /// <summary>Frees what it holds.</summary>
    internal void Release() => machine.Dispose();

    private void ConsumeWhole(Instant now, ulong sequence)
    {
        offset = 0;
        machine.Take(sequence);
        machine.Consume(sequence);
        consumedSinceAck++;
        DueAck(consumedSinceAck >= ConsumedOfAck ? now : now + MspTimings.AckDelay); // MSP-025
    }

    // A packet without data is no message; the SHUTDOWN in its place ends the peer's direction.
    private void AfterConsuming(Instant now, MspEvents events)
    {
        while (machine.TryPeekReceived(out var sequence, out var data) && data.IsEmpty)
            ConsumeWhole(now, sequence);
        endpoint.NoteHeld(this, (int)(accepted - machine.Consumed));
        if (machine.IsEnded && (received & MspStates.ShutdownRemote) == 0)
        {
            received |= MspStates.ShutdownRemote;
            DueAck(now);
            events.Add(MspEventKind.ShutdownRemote, this, null);
        }

        if (machine.IsDone && End == MspEnd.None)
        {
            // MSP-055; its last acknowledgement is due and still leaves.
            Finish(MspEnd.Completed, events);
            lingersUntil = now + MspTimings.Linger;
            endpoint.Linger(this);
        }
    }

    private void Finish(MspEnd end, MspEvents events)
    {
        End = end;
        events.Add(MspEventKind.Closed, this, null);
    }
}
