namespace MsgNet.Core;

/// <summary>
/// The numbers of one sending key: a ring of records from the oldest still of interest to the newest sent, grown on demand, and the numbers
/// left out on purpose. Records are in order of number and of time.
/// </summary>
internal sealed class SentPackets(uint index)
{
    private const int CapacityMin = 2; // what an idle session sends
    private const int SkippedMax = 32;

    private SentPacket[] ring = [];
    private ulong[] skipped = [];
    private int skippedCount;
    private SentPackets? after;

    public uint Index { get; } = index;

    /// <summary>The key of the path that was added after this one; only <see cref="PathRecovery"/> writes it.</summary>
    public ref SentPackets? After => ref after;

    /// <summary>The oldest number with a record.</summary>
    public ulong Base { get; private set; }

    /// <summary>The next number to be sent.</summary>
    public ulong Next { get; private set; }

    /// <summary>No number below this one is in flight; equal to <see cref="Next"/> when none is.</summary>
    public ulong FirstInFlight { get; private set; }

    /// <summary>No number below this one is in flight without a segment; equal to <see cref="Next"/> when none is.</summary>
    public ulong FirstExpiring { get; private set; }

    /// <summary>One more than the largest number ever reported; 0 when none was.</summary>
    public ulong ReportedEnd { get; set; }

    /// <summary>When the newest packet left that was ever reported; zero when none was.</summary>
    public Instant ReportedSentAt { get; set; }

    public int Count => (int)(Next - Base);

    /// <summary>The record of <paramref name="number"/>, in [<see cref="Base"/>, <see cref="Next"/>).</summary>
    public ref SentPacket this[ulong number] => ref ring[(int)number & (ring.Length - 1)];

    /// <summary>Makes the record of the next number, cleared.</summary>
    public ref SentPacket Add()
    {
        if (Count == ring.Length)
            Resize(Math.Max(CapacityMin, ring.Length * 2));
        ref var packet = ref this[Next++];
        packet = default;
        return ref packet;
    }

    public void AddSkipped(Instant now)
    {
        if (skipped.Length == 0)
            skipped = new ulong[SkippedMax];
        skipped[skippedCount++ % SkippedMax] = Next;
        ref var packet = ref Add();
        packet.SentAt = now;
        packet.State = SentState.Skipped;
        Advance();
    }

    /// <summary>True when <paramref name="report"/> claims one of the 32 newest numbers left out: at least 16,384 numbers back.</summary>
    public bool ClaimsSkipped(scoped in ReportFrame report)
    {
        var known = Math.Min(skippedCount, SkippedMax);
        var at = 0;
        foreach (var range in report)
        {
            // Both lists descend, so one walk compares them.
            while (at < known && Skipped(at) > range.Largest)
                at++;
            if (at == known)
                return false;
            if (Skipped(at) >= range.Smallest)
                return true;
        }

        return false;
    }

    /// <summary>Moves <see cref="FirstInFlight"/> and <see cref="FirstExpiring"/> past what has been settled.</summary>
    public void Advance()
    {
        var first = FirstInFlight;
        while (first < Next && this[first].State != SentState.InFlight)
            first++;
        FirstInFlight = first;

        var expiring = Math.Max(FirstExpiring, first);
        while (expiring < Next && (this[expiring].State != SentState.InFlight || this[expiring].HasSegment))
            expiring++;
        FirstExpiring = expiring;
    }

    /// <summary>
    /// The first number from <paramref name="number"/> on that is not settled, or <see cref="Next"/>. Runs of settled records that were
    /// walked once are longer jumps the next time, so that REPORTs that repeat themselves cost little, in whatever pieces (REC-048).
    /// </summary>
    public ulong SkipSettled(ulong number)
    {
        while (number < Next && this[number].State == SentState.Settled)
        {
            ref var packet = ref this[number];
            var run = Math.Max(1, packet.SettledRun);
            var after = number + (ulong)run;
            if (after < Next && this[after].State == SentState.Settled)
                run += Math.Max(1, this[after].SettledRun);
            packet.SettledRun = run;
            number += (ulong)run;
        }

        return number;
    }

    /// <summary>Drops the oldest record, which must not be in flight.</summary>
    public void DropOldest()
    {
        Invariant.Check(Base < FirstInFlight);
        Base++;
    }

    private ulong Skipped(int age) => skipped[(skippedCount - 1 - age) % SkippedMax];

    private void Resize(int capacity)
    {
        var grown = new SentPacket[capacity];
        for (var number = Base; number < Next; number++)
            grown[(int)number & (capacity - 1)] = this[number];
        ring = grown;
    }
}
