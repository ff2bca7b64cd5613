namespace MsgNet.Core;

/// <summary>
/// What arrived under one receiving key and when to say so: the receiving half of loss recovery. One per key; a new key starts a new one.
/// </summary>
/// <remarks>
/// <code>
/// eliciting packet leaves or fills a gap ──► due at once ─┐
/// batch ends with two or more unreported ──► due at once ─┼──► TryWriteReport ──► nothing unreported, due never
/// otherwise ──► due 5 ms after the first unreported ──────┘
/// </code>
/// The newest range and at most <see cref="Limits.ReportRangesMax"/> older ones; the first time that there are more than two allocates,
/// nothing else does. Not thread-safe.
/// Replays are refused before they get here; a number that comes twice changes nothing but may cause one more report.
/// </remarks>
internal struct ReceivedPackets()
{
    // Senders leave out one number in 512 to 1,024 and that gap never closes; without a horizon every report would drag 32 of them along.
    private const ulong Horizon = 2_048;

    private const int RangesMax = Limits.ReportRangesMax + 1;
    private const int RangesMin = 2;

    private ReportRange[] ranges = new ReportRange[RangesMin];
    private int count;
    private int unreported;
    private Instant largestAt;

    /// <summary>When a report must leave; <see cref="Instant.Never"/> while nothing eliciting is unreported.</summary>
    public Instant ReportDue { readonly get; private set; } = Instant.Never;

    /// <summary>True while an eliciting packet is unreported: a report may ride on anything that leaves.</summary>
    public readonly bool HasUnreported => unreported > 0;

    /// <summary>Notes one authenticated packet that passed the replay window.</summary>
    /// <param name="now">The present moment.</param>
    /// <param name="number">The packet's counter; above <see cref="Uvarint.ValueMax"/> it cannot be reported and is ignored.</param>
    /// <param name="eliciting">Whether it held a frame that elicits a REPORT (MP-028).</param>
    public void OnReceived(Instant now, ulong number, bool eliciting)
    {
        if (number > Uvarint.ValueMax)
            return;

        var expected = count == 0 ? 0 : ranges[0].Largest + 1;
        if (number >= expected)
            largestAt = now;
        Insert(number);
        if (!eliciting)
            return; // REC-006

        unreported++;
        if (number != expected)
            ReportDue = Instant.Min(ReportDue, now); // REC-007
        else if (ReportDue.IsNever)
            ReportDue = now + Limits.AckDelayMax; // REC-009
    }

    /// <summary>Ends a receive batch: two or more eliciting packets unreported are due at once.</summary>
    public void OnBatchEnd(Instant now)
    {
        if (unreported >= 2)
            ReportDue = Instant.Min(ReportDue, now); // REC-008
    }

    /// <summary>
    /// Appends a REPORT frame (with its length) of everything remembered and calls it reported. False, and nothing written or changed,
    /// when nothing ever arrived or it does not fit.
    /// </summary>
    /// <param name="now">The present moment.</param>
    /// <param name="index">The index the reported packets carried: the receiving key's.</param>
    /// <param name="writer">The datagram being filled.</param>
    public bool TryWriteReport(Instant now, uint index, ref WireWriter writer)
    {
        if (count == 0)
            return false;

        // REC-004
        var delay = (ulong)Math.Max(0, (now - largestAt).Ticks / TimeSpan.TicksPerMicrosecond);
        if (!ReportFrame.TryWrite(ref writer, index, delay, ranges.AsSpan(0, count)))
            return false;

        unreported = 0;
        ReportDue = Instant.Never;
        return true;
    }

    private void Insert(ulong number)
    {
        // Newest first: arrivals in order touch only ranges[0].
        var at = 0;
        while (at < count && number < ranges[at].Smallest && number + 1 != ranges[at].Smallest)
            at++;

        if (at == count)
        {
            Append(number);
            return;
        }

        var range = ranges[at];
        if (number + 1 == range.Smallest)
            ExtendDown(at, number);
        else if (number == range.Largest + 1)
            ranges[at] = range with { Largest = number };
        else if (number > range.Largest)
            InsertAt(at, number);

        ForgetOld();
    }

    private void ExtendDown(int at, ulong number)
    {
        var range = ranges[at] with { Smallest = number };
        if (at + 1 < count && ranges[at + 1].Largest + 1 == number)
        {
            range = range with { Smallest = ranges[at + 1].Smallest };
            ranges.AsSpan((at + 2)..count).CopyTo(ranges.AsSpan(at + 1));
            count--;
        }

        ranges[at] = range;
    }

    private void InsertAt(int at, ulong number)
    {
        if (count == RangesMax)
            count--;
        ReserveOne();
        ranges.AsSpan(at..count).CopyTo(ranges.AsSpan(at + 1));
        ranges[at] = new ReportRange(number, number);
        count++;
    }

    private void Append(ulong number)
    {
        if (count < RangesMax)
        {
            ReserveOne();
            ranges[count++] = new ReportRange(number, number);
        }

        ForgetOld();
    }

    private void ReserveOne()
    {
        if (count == ranges.Length)
            Array.Resize(ref ranges, RangesMax);
    }

    private void ForgetOld()
    {
        while (count > 1 && ranges[0].Largest - ranges[count - 1].Largest > Horizon) // REC-005
            count--;
    }
}
