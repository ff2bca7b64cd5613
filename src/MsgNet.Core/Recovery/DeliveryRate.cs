namespace MsgNet.Core;

/// <summary>
/// Delivery-rate samples: how many bytes arrived over the time that sending or reporting them took, whichever was longer, so that neither
/// a burst of packets nor a burst of reports looks like bandwidth (draft-ietf-ccwg-bbr, "Delivery Rate Samples").
/// </summary>
internal struct DeliveryRate
{
    private Instant deliveredAt;
    private Instant firstSentAt;
    private long appLimitedUntil;
    private SentPacket newest;
    private bool hasNewest;

    /// <summary>Bytes reported on this path so far.</summary>
    public long Delivered { readonly get; private set; }

    /// <summary>True while the sender's own silence, not the path, bounds the rate.</summary>
    public readonly bool AppLimited => appLimitedUntil > 0;

    /// <summary>Stamps a packet that is about to enter flight.</summary>
    public void OnSent(Instant now, long bytesInFlight, ref SentPacket packet)
    {
        if (bytesInFlight == 0)
            firstSentAt = deliveredAt = now;
        packet.Delivered = Delivered;
        packet.DeliveredAt = deliveredAt;
        packet.FirstSentAt = firstSentAt;
        packet.AppLimited = AppLimited;
    }

    /// <summary>Nothing more waits to be sent though the path would take it: what leaves until all of this arrived is no probe.</summary>
    public void OnAppLimited(long bytesInFlight) => appLimitedUntil = Math.Max(1, Delivered + bytesInFlight);

    /// <summary>Counts a packet reported in time, and keeps the one sent last for the sample.</summary>
    public void OnDelivered(Instant now, in SentPacket packet)
    {
        OnDeliveredLate(now, packet.Bytes);
        if (hasNewest && packet.Delivered < newest.Delivered)
            return;
        if (!hasNewest || packet.Delivered > newest.Delivered || packet.SentAt > newest.SentAt)
            newest = packet;
        hasNewest = true;
    }

    /// <summary>Counts a packet reported after it was given up: it arrived, but its timing says little.</summary>
    public void OnDeliveredLate(Instant now, int bytes)
    {
        Delivered += bytes;
        deliveredAt = now;
    }

    /// <summary>The sample of the report that just ended; false when it reported nothing in time.</summary>
    /// <param name="now">The present moment.</param>
    /// <param name="minRoundTrip">Samples over less than this are noise: their rate is 0.</param>
    /// <param name="sample">The sample.</param>
    public bool TryTakeSample(Instant now, TimeSpan minRoundTrip, out RateSample sample)
    {
        sample = default;
        if (!hasNewest)
            return false;

        hasNewest = false;
        firstSentAt = newest.SentAt;
        if (Delivered > appLimitedUntil)
            appLimitedUntil = 0;

        var interval = Math.Max((newest.SentAt - newest.FirstSentAt).Ticks, (now - newest.DeliveredAt).Ticks);
        var rate = interval <= 0 || interval < minRoundTrip.Ticks
            ? 0
            : (double)(Delivered - newest.Delivered) * TimeSpan.TicksPerSecond / interval;
        sample = new RateSample(rate, newest.Delivered, newest.AppLimited);
        return true;
    }
}

/// <summary>One delivery-rate sample.</summary>
/// <param name="Rate">Bytes per second; 0 when the interval was too short to tell.</param>
/// <param name="PriorDelivered">Bytes delivered when the packet behind the sample left: tells rounds apart.</param>
/// <param name="AppLimited">Whether the sender had nothing to send then.</param>
internal readonly record struct RateSample(double Rate, long PriorDelivered, bool AppLimited);
