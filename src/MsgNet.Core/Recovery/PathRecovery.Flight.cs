namespace MsgNet.Core;

/// <content>What happens to packets in flight.</content>
internal sealed partial class PathRecovery
{
    // The table is full when its oldest packet is still in flight; anything else gives way to a new packet.
    private bool IsFull
    {
        get
        {
            var oldest = FullTableOldest();
            return oldest is not null && oldest[oldest.Base].State == SentState.InFlight;
        }
    }

    private static void Require(int datagramSize)
    {
        if (datagramSize is < Limits.DatagramSizeMin or > ushort.MaxValue)
            throw new ArgumentException($"A path carries {Limits.DatagramSizeMin} to {ushort.MaxValue} bytes.", nameof(datagramSize));
    }

    private static ICongestionController CreateController(CongestionControl control, int datagramSize) => control switch
    {
        CongestionControl.Model => new ModelController(datagramSize),
        CongestionControl.Cubic => new CubicController(datagramSize),
        _ => throw new ArgumentException("Choose one of the congestion controls there are.", nameof(control)),
    };

    /// <summary>What is remembered of a key's packets.</summary>
    internal SentPackets RecordsOf(uint index) => Find(index)!;

    private SentPackets? Find(uint index)
    {
        var key = keys;
        while (key is not null && key.Index != index)
            key = key.After;
        return key;
    }

    private bool HasRoom(int bytes) =>
        BytesInFlight + bytes <= controller.Window && items.Count <= Limits.SentItemsMax - PacketItems.Max && !IsFull; // REC-040

    // REC-054
    internal bool IsPaced => !roundTrip.HasSample || roundTrip.Min >= Pacer.Granularity;

    // REC-068: what reports release on a short path leaves in runs, as it came.
    private bool Opens(int bytes)
    {
        var room = waitsForRun ? Math.Max(bytes, (int)Math.Min(Limits.RunBytesMax, controller.Window / 4)) : bytes;
        waitsForRun = !HasRoom(room) && !IsPaced;
        return !waitsForRun && HasRoom(bytes);
    }

    private Instant Paced(Instant now, int bytes) =>
        IsPaced ? pacer.NextSend(now, bytes, controller.PacingRate) : now;

    /// <summary>The key of the oldest record when the table is full, else null.</summary>
    private SentPackets? FullTableOldest()
    {
        var total = 0;
        for (var key = keys; key is not null; key = key.After)
            total += key.Count;
        if (total < Limits.SentPacketsMax)
            return null;

        SentPackets? oldest = null;
        for (var key = keys; key is not null; key = key.After)
        {
            if (key.Count > 0 && (oldest is null || key[key.Base].SentAt < oldest[oldest.Base].SentAt))
                oldest = key;
        }

        return oldest;
    }

    /// <summary>The key for its next number, with room in the table for it.</summary>
    private SentPackets KeyFor(Instant now, uint index, ulong number)
    {
        if (Find(index) is not { } key)
            throw new ArgumentException($"No key with index {index:x8} on this path; add it first.", nameof(index));

        if (number != key.Next)
            throw new ArgumentException($"Expected number {key.Next} of key {index:x8}: record each once, in order.", nameof(number));

        ForgetOld(now, key);
        if (FullTableOldest() is { } oldest)
        {
            // REC-040: only a packet that did not ask for leave gets here while the oldest is in flight.
            if (oldest[oldest.Base].State == SentState.InFlight)
                Drop(ref oldest[oldest.Base], SentState.Expired);
            oldest.Advance();
            oldest.DropOldest();
        }

        return key;
    }

    private void Acknowledge(Instant now, SentPackets key, ref SentPacket packet)
    {
        if (packet.Bytes > Limits.DatagramSizeMin && packet.State is SentState.InFlight or SentState.Lost or SentState.Expired)
            OnLargeReported(packet.SentAt);

        switch (packet.State)
        {
            case SentState.InFlight:
                BytesInFlight -= packet.Bytes;
                PacketsAcknowledged++;
                Settle(ref packet, arrived: true);
                controller.OnDelivered(now, packet);
                break;
            case SentState.Lost or SentState.Expired:
                // REC-039: it left flight once already, and its items were told of.
                PacketsSpurious++;
                if (packet.State == SentState.Lost)
                    reordering.OnSpurious(now - packet.SentAt, roundTrip); // REC-044
                controller.OnDeliveredLate(now, packet);
                break;
        }

        if (packet.State is SentState.InFlight or SentState.Lost or SentState.Expired)
            key.ReportedSentAt = Instant.Max(key.ReportedSentAt, packet.SentAt);
        packet.State = SentState.Settled;
    }

    // Reported late or out of order it says nothing of those sent after it.
    private void OnLargeReported(Instant sentAt)
    {
        if (sentAt < largeReportedAt)
            return;

        largeReportedAt = sentAt;
        LargeLosses = 0;
    }

    private void Measure(Instant now, Instant sentAt, ulong delayMicroseconds)
    {
        var delayMax = (ulong)Limits.AckDelayMax.Ticks / TimeSpan.TicksPerMicrosecond;
        var delay = TimeSpan.FromMicroseconds(Math.Min(delayMicroseconds, delayMax));
        roundTrip.OnSample(now - sentAt, delay);
        controller.OnRoundTrip(now, roundTrip.Latest, roundTrip.Smoothed);
    }

    private void DetectLost(Instant now, SentPackets key)
    {
        // In order of number and time: the first packet that is not lost ends the search.
        for (var number = key.FirstInFlight; number + 1 < key.ReportedEnd; number++)
        {
            ref var packet = ref key[number];
            if (packet.State != SentState.InFlight)
                continue;
            if ((reordering.IsOpen || !IsPacketsBehind(key, number)) && now - packet.SentAt < LossDelay)
                break;

            if (packet.SentAt >= recoveryFrom)
            {
                recoveryFrom = now;
                reordering.OnRecovery();
            }

            controller.OnLost(now, packet);
            Drop(ref packet, SentState.Lost);
        }

        key.Advance();
    }

    private static bool IsPacketsBehind(SentPackets key, ulong number)
    {
        // REC-031: left-out numbers are no packets.
        var behind = 0;
        for (var later = number + 1; later < key.ReportedEnd && behind < PacketThreshold; later++)
        {
            if (key[later].State != SentState.Skipped)
                behind++;
        }

        return behind == PacketThreshold;
    }

    private void Expire(Instant now, SentPackets key)
    {
        var expiry = Expiry;
        for (var number = key.FirstExpiring; number < key.Next && key[number].SentAt + expiry <= now; number++)
        {
            ref var packet = ref key[number];
            if (packet.State != SentState.InFlight || packet.HasSegment)
                continue;

            Drop(ref packet, SentState.Expired); // REC-038
            if (progressAt <= packet.SentAt)
                controller.OnSilence();
        }

        key.Advance();
    }

    /// <summary>Forgets the oldest records: at once what is settled, later what a late report may still name.</summary>
    private void ForgetOld(Instant now, SentPackets key)
    {
        while (key.Base < key.FirstInFlight)
        {
            ref var packet = ref key[key.Base];
            if (packet.State is SentState.Lost or SentState.Expired)
            {
                // While nothing newer was reported the path may have become slow: what it says later is worth waiting for.
                var memory = key.Base < key.ReportedEnd ? MemoryTimeouts * roundTrip.ProbeTimeout : RoundTripEstimator.ProbeTimeoutMax;
                if (now - packet.SentAt < memory)
                    return;
            }

            key.DropOldest();
        }
    }

    /// <summary>Ends all interest in a key's packets.</summary>
    private void Abandon(SentPackets key)
    {
        for (var number = key.Base; number < key.Next; number++)
        {
            ref var packet = ref key[number];
            if (packet.State == SentState.InFlight)
                Drop(ref packet, SentState.Settled);
            if (packet.State != SentState.Skipped)
                packet.State = SentState.Settled;
        }

        key.Advance();
    }

    private void Drop(ref SentPacket packet, SentState state)
    {
        BytesInFlight -= packet.Bytes;
        Settle(ref packet, arrived: false);
        if (state == SentState.Lost)
            PacketsLost++;
        else
            PacketsExpired++;
        packet.State = state;
        if (state is SentState.Lost or SentState.Expired && packet.Bytes > Limits.DatagramSizeMin && packet.SentAt > largeReportedAt)
            LargeLosses++;
        Invariant.Check(BytesInFlight >= 0);
    }
}
