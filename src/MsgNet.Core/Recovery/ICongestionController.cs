namespace MsgNet.Core;

/// <summary>
/// How fast and how much one path may send: a window in bytes and a pacing rate in bytes per second, from what was sent, delivered and
/// lost. Implementations are pure and not thread-safe.
/// </summary>
internal interface ICongestionController
{
    /// <summary>Bytes that may be in flight.</summary>
    long Window { get; }

    /// <summary>Bytes per second; never 0.</summary>
    double PacingRate { get; }

    /// <summary>The path carries datagrams of another size.</summary>
    void SetDatagramSize(int size);

    /// <summary>Stamps a packet that is about to enter flight.</summary>
    void OnSent(Instant now, long bytesInFlight, ref SentPacket packet);

    /// <summary>Nothing waits to be sent though <paramref name="bytesInFlight"/> leaves room in the window.</summary>
    void OnAppLimited(long bytesInFlight);

    /// <summary>A packet in flight was reported.</summary>
    void OnDelivered(Instant now, in SentPacket packet);

    /// <summary>A packet given up was reported after all; its state tells whether it had counted as lost.</summary>
    void OnDeliveredLate(Instant now, in SentPacket packet);

    /// <summary>A packet was declared lost.</summary>
    void OnLost(Instant now, in SentPacket packet);

    /// <summary>A round-trip sample was taken.</summary>
    void OnRoundTrip(Instant now, TimeSpan latest, TimeSpan smoothed);

    /// <summary>Nothing was reported for three probe timeouts.</summary>
    void OnSilence();

    /// <summary>Ends the work on a report of <paramref name="delivered"/> new bytes; losses it revealed have been told.</summary>
    void OnReported(Instant now, long delivered, long bytesInFlight);
}
