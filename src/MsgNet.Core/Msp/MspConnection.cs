namespace MsgNet.Core;

/// <summary>
/// One MSP connection over datagrams (<c>specs/msp.md</c>): <see cref="MspMachine"/> and its timers. Made by
/// <see cref="MspEndpoint.TryConnect"/>, or by a listener. Not thread-safe: used by the one driver of its endpoint, which writes packets
/// and
/// looks at its timer after each call.
/// </summary>
public sealed class MspConnection : ITimed
{
    internal MspConnection() => throw new NotImplementedException();

    /// <summary>Its two ends.</summary>
    public MspPair Pair => throw new NotImplementedException();

    /// <summary>How it sends and times.</summary>
    public MspProfile Profile => throw new NotImplementedException();

    /// <summary>Its state as Serval's API shows it.</summary>
    public MspStates States => throw new NotImplementedException();

    /// <summary>How it ended; <see cref="MspEnd.None"/> while it has not.</summary>
    public MspEnd End => throw new NotImplementedException();

    /// <summary>Messages accepted for sending; the newest has this number.</summary>
    public long Sent => throw new NotImplementedException();

    /// <summary>Messages the peer has consumed: those numbered up to this. Does not change once the connection has ended.</summary>
    public long Delivered => throw new NotImplementedException();

    /// <summary>Smoothed round-trip time; zero before the first sample and in <see cref="MspProfile.Serval"/>.</summary>
    public TimeSpan RoundTrip => throw new NotImplementedException();

    /// <summary>Free for the driver: what it keeps for the connection.</summary>
    public object? State { get; set; }

    /// <inheritdoc/>
    public Instant NextTimer => throw new NotImplementedException();

    /// <inheritdoc/>
    public int QueueIndex { get; set; }

    /// <summary>
    /// Accepts a message for sending; copies it. False when there is no room, of which <see cref="MspEventKind.Writable"/> tells, or when
    /// the connection has ended. An empty message is accepted and nothing is sent.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The message is longer than <see cref="Limits.MspMessageMax"/>.</exception>
    /// <exception cref="InvalidOperationException"><see cref="Shutdown"/> was called.</exception>
    public bool TrySend(Instant now, ReadOnlySpan<byte> message) => throw new NotImplementedException();

    /// <summary>No message follows those accepted. The peer may go on sending. Nothing happens the second time.</summary>
    public void Shutdown(Instant now) => throw new NotImplementedException();

    /// <summary>Ends it at once and tells the peer; what was not delivered is lost. Nothing happens when it has ended.</summary>
    public void Stop(Instant now, MspEvents events) => throw new NotImplementedException();

    /// <summary>Ends it at once and tells nobody. No event follows.</summary>
    public void Abandon() => throw new NotImplementedException();

    /// <summary>
    /// What is left of the oldest message that was not consumed; false when there is none. Borrowed until the next call into the
    /// connection or its endpoint.
    /// </summary>
    public bool TryPeek(out ReadOnlySpan<byte> message) => throw new NotImplementedException();

    /// <summary>
    /// Consumes so many bytes of the message that <see cref="TryPeek"/> gave. Only a message consumed to its end is acknowledged.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The message has fewer bytes.</exception>
    public void Consume(Instant now, int bytes, MspEvents events) => throw new NotImplementedException();
}
