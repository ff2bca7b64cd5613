namespace MsgNet.Core;

/// <content>Items of packets, and the probes that make a silent tail known.</content>
internal sealed partial class PathRecovery
{
    private static readonly TimeSpan OvertakenMin = TimeSpan.FromMilliseconds(25); // as much as REC-044 allows on a short path
    private const int BackoffMax = 9; // 10 ms doubled as often passes 5 s
    private const int LargeProbesMax = 2; // with the packet that they probe for, three are lost: enough for SEC-093

    private SentItems items = new();
    private int segmentPackets;
    private int probes;
    private int largeProbes;
    private Instant probeFrom;
    private Instant probeDueAt = Instant.Never;

    /// <summary>A probe is due (REC-034): the next packet should carry the oldest segment, whatever window and pacer say.</summary>
    internal bool IsProbeDue => !probeDueAt.IsNever;

    /// <summary>
    /// The probe that is due has to be one that every path carries: two in a row were larger, and unheard (REC-047).
    /// </summary>
    internal bool IsSmallProbeDue => IsProbeDue && largeProbes >= LargeProbesMax;

    // A due probe that cannot leave is given up after another timeout; the loss timer makes a probe needless.
    private Instant ProbeAt
    {
        get
        {
            if (segmentPackets == 0)
                return Instant.Never;
            if (IsProbeDue)
                return probeDueAt + roundTrip.ProbeTimeout;
            return LossAt.IsNever ? probeFrom + ProbeWait : Instant.Never;
        }
    }

    private TimeSpan ProbeWait
    {
        get
        {
            // REC-034: doubled here, by whoever repeats something, and only after the first.
            if (probes == 0)
                return roundTrip.TailTimeout;
            var wait = roundTrip.ProbeTimeout * (1 << Math.Min(probes, BackoffMax));
            return wait < RoundTripEstimator.ProbeTimeoutMax ? wait : RoundTripEstimator.ProbeTimeoutMax;
        }
    }

    private Instant LossAt
    {
        get
        {
            var next = Instant.Never;
            for (var key = keys; key is not null; key = key.After)
            {
                if (key.FirstInFlight < key.ReportedEnd)
                    next = Instant.Min(next, key[key.FirstInFlight].SentAt + LossDelay);
            }

            return next;
        }
    }

    // REC-032
    private TimeSpan LossDelay => reordering.IsOpen ? roundTrip.Longest + reordering.Wait(roundTrip) : roundTrip.LossDelay;

    /// <summary>
    /// The next item whose packet was reported, was lost, or left flight without a report; to be emptied after <see cref="OnReport"/>,
    /// <see cref="OnTimer"/>, <see cref="RemoveKey"/> and <see cref="OnPathChanged"/>.
    /// </summary>
    internal bool TryTakeOutcome(out PacketOutcome outcome) => items.TryTake(out outcome);

    private static bool HasSegment(ReadOnlySpan<PacketItem> carried)
    {
        foreach (ref readonly var item in carried)
        {
            if (item.Kind == PacketItemKind.Segment)
                return true;
        }

        return false;
    }

    private void Carry(Instant now, SentPackets key, ref SentPacket packet, ReadOnlySpan<PacketItem> carried)
    {
        if (carried.IsEmpty)
            return;

        packet.Items = items.Add(carried);
        packet.HasSegment = HasSegment(carried);
        if (packet.HasSegment)
        {
            key.Advance(); // it does not expire
            segmentPackets++;
        }
        else if (!IsProbeDue)
        {
            return;
        }

        // Where the segments in flight are of lanes that have ended, something else of lanes is the probe: it is reported as well.
        probeFrom = now;
        if (IsProbeDue)
        {
            probes++;
            largeProbes = packet.Bytes > Limits.DatagramSizeMin ? largeProbes + 1 : 0;
        }

        probeDueAt = Instant.Never;
    }

    /// <summary>Tells once what became of a packet's items; the packet leaves flight with it.</summary>
    private void Settle(ref SentPacket packet, bool arrived)
    {
        items.Settle(packet.Items, arrived);
        packet.Items = 0;
        if (packet.HasSegment && --segmentPackets == 0)
            probeDueAt = Instant.Never;
    }

    private void OnProgress(Instant now)
    {
        progressAt = now;
        probes = largeProbes = 0;
        probeDueAt = Instant.Never;
    }

    private void OnProbeTimer(Instant now)
    {
        if (ProbeAt > now)
            return;
        if (IsProbeDue)
        {
            GiveUpSegments();
            return;
        }

        GiveUpOvertaken();
        if (segmentPackets == 0)
            return;

        probeDueAt = now;
        // The oldest in flight stands for all: nothing was reported since it left.
        if (IsSilent(now))
            controller.OnSilence();
    }

    // REC-046: the path speaks, the key does not: the peer has dropped it or goes by another, and no report of that tells of its packets.
    private void GiveUpOvertaken()
    {
        var margin = roundTrip.Min > OvertakenMin ? roundTrip.Min : OvertakenMin;
        for (var key = keys; key is not null; key = key.After)
        {
            var overtaken = ReportedUnderOthers(key);
            for (var number = key.FirstInFlight; number < key.Next; number++)
            {
                ref var packet = ref key[number];
                if (packet.SentAt + margin > overtaken)
                    break;
                if (packet.State == SentState.InFlight && packet.HasSegment)
                    Drop(ref packet, SentState.Expired);
            }

            key.Advance();
        }
    }

    // When the last packet left that was reported under another key.
    private Instant ReportedUnderOthers(SentPackets key)
    {
        var latest = Instant.Zero;
        for (var other = keys; other is not null; other = other.After)
            latest = other == key ? latest : Instant.Max(latest, other.ReportedSentAt);
        return latest;
    }

    private bool IsSilent(Instant now)
    {
        for (var key = keys; key is not null; key = key.After)
        {
            if (key.FirstInFlight == key.Next)
                continue;
            var sentAt = key[key.FirstInFlight].SentAt;
            if (progressAt <= sentAt && now - sentAt >= Expiry)
                return true; // REC-053
        }

        return false;
    }

    // REC-045: whoever owned the segments had nothing to say for a probe, or nothing can leave: they must not hold the window for ever.
    private void GiveUpSegments()
    {
        for (var key = keys; key is not null; key = key.After)
        {
            for (var number = key.FirstInFlight; number < key.Next; number++)
            {
                ref var packet = ref key[number];
                if (packet.State == SentState.InFlight && packet.HasSegment)
                    Drop(ref packet, SentState.Expired);
            }

            key.Advance();
        }
    }
}
