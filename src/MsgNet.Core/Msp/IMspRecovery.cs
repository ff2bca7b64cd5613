namespace MsgNet.Core;

/// <summary>
/// When what one MSP connection sent counts as lost, and how much of it may be under way. Told of every sending and acknowledgement; tells
/// the connection's <see cref="MspMachine"/> what to send again. Pure, not thread-safe.
/// </summary>
internal interface IMspRecovery
{
    /// <summary>When <see cref="OnTimer"/> has something to do.</summary>
    Instant NextTimer { get; }

    /// <summary>Smoothed round-trip time; zero when it is not measured.</summary>
    TimeSpan RoundTrip { get; }

    /// <summary>When the next packet may be sent: at once, at a later moment, or never before an acknowledgement or timer.</summary>
    Instant NextSend(Instant now, ulong sequence);

    /// <summary>How long an opening without data waits for its answer.</summary>
    TimeSpan FirstInterval(int firstsSent);

    /// <summary>A data packet leaves.</summary>
    void OnSent(Instant now, ulong sequence);

    /// <summary>All packets below <paramref name="firstUnacknowledged"/> are acknowledged, at least one of them only now.</summary>
    void OnAcknowledged(Instant now, ulong firstUnacknowledged);

    /// <summary>A packet without data repeated the newest acknowledgement.</summary>
    void OnRepeated(Instant now);

    /// <summary>Does what is due.</summary>
    void OnTimer(Instant now);
}
