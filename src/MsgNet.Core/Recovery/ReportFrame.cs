namespace MsgNet.Core;

/// <summary>
/// A view of a REPORT frame: which packets of one key arrived. Everything is checked when it is read, so walking the ranges cannot fail.
/// </summary>
/// <remarks>
/// Body: <c>u32 index · uvarint largest · uvarint delay_µs · uvarint n · uvarint first · n × (uvarint gap · uvarint length)</c> with the
/// range arithmetic of RFC 9000 section 19.3.1. The view borrows the bytes it was read from.
/// </remarks>
internal readonly ref struct ReportFrame
{
    /// <summary>The frame's type byte.</summary>
    public const byte Type = 0x08;

    private readonly ReadOnlySpan<byte> ranges;
    private readonly ulong first;

    private ReportFrame(uint index, ulong largest, ulong delayMicroseconds, int extraRanges, ulong first, ReadOnlySpan<byte> ranges)
    {
        Index = index;
        Largest = largest;
        DelayMicroseconds = delayMicroseconds;
        ExtraRanges = extraRanges;
        this.first = first;
        this.ranges = ranges;
    }

    /// <summary>The index the reported packets carried.</summary>
    public uint Index { get; }

    /// <summary>The largest number reported.</summary>
    public ulong Largest { get; }

    /// <summary>Microseconds between the arrival of <see cref="Largest"/> and this report, as the peer claims; any value.</summary>
    public ulong DelayMicroseconds { get; }

    /// <summary>Ranges after the first, 0 to <see cref="Limits.ReportRangesMax"/>.</summary>
    public int ExtraRanges { get; }

    /// <summary>
    /// Reads what follows the type byte. False when a field is missing, not minimal or out of bounds, a range falls below 0,
    /// there are more than <see cref="Limits.ReportRangesMax"/> extra ranges, or bytes are left over.
    /// </summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out ReportFrame report) // REC-001, REC-002
    {
        report = default;
        var reader = new WireReader(body);
        if (!reader.TryReadUInt32BigEndian(out var index)
            || !reader.TryReadUvarint(out var largest)
            || !reader.TryReadUvarint(out var delay)
            || !reader.TryReadUvarint(out var count) || count > Limits.ReportRangesMax
            || !reader.TryReadUvarint(out var first) || first > largest)
        {
            return false;
        }

        var ranges = reader.Rest;
        var smallest = largest - first;
        for (var i = 0; i < (int)count; i++)
        {
            if (!TryReadRange(ref reader, smallest, out var range))
                return false;
            smallest = range.Smallest;
        }

        if (!reader.IsEmpty)
            return false;

        report = new ReportFrame(index, largest, delay, (int)count, first, ranges);
        return true;
    }

    /// <summary>
    /// Appends <c>uvarint length ‖ 08 ‖ body</c> for ranges given newest first. When not all fit the oldest are left out;
    /// false, and nothing written, when not even the newest fits.
    /// </summary>
    /// <param name="writer">Where to append; it does not overflow.</param>
    /// <param name="index">The index the reported packets carried.</param>
    /// <param name="delayMicroseconds">Microseconds since the largest of them arrived, at most <see cref="Uvarint.ValueMax"/>.</param>
    /// <param name="newestFirst">1 to 33 ranges, descending, at least one number apart.</param>
    /// <exception cref="ArgumentException">The ranges are none, too many, or not descending with gaps.</exception>
    public static bool TryWrite(ref WireWriter writer, uint index, ulong delayMicroseconds, scoped ReadOnlySpan<ReportRange> newestFirst)
    {
        Require(newestFirst);
        var newest = newestFirst[0];
        // The count byte is one byte for every legal count, so leaving ranges out never changes the rest.
        var body = 1 + 4 + Uvarint.Length(newest.Largest) + Uvarint.Length(delayMicroseconds) + 1
            + Uvarint.Length(newest.Largest - newest.Smallest);
        if (Uvarint.Length((ulong)body) + body > writer.Remaining)
            return false;

        var extra = 0;
        while (extra + 1 < newestFirst.Length)
        {
            var longer = body + LengthOf(newestFirst[extra], newestFirst[extra + 1]);
            if (Uvarint.Length((ulong)longer) + longer > writer.Remaining)
                break;
            body = longer;
            extra++;
        }

        writer.WriteUvarint((ulong)body);
        writer.WriteByte(Type);
        writer.WriteUInt32BigEndian(index);
        writer.WriteUvarint(newest.Largest);
        writer.WriteUvarint(delayMicroseconds);
        writer.WriteUvarint((ulong)extra);
        writer.WriteUvarint(newest.Largest - newest.Smallest);
        for (var i = 0; i < extra; i++)
        {
            writer.WriteUvarint(newestFirst[i].Smallest - newestFirst[i + 1].Largest - 2);
            writer.WriteUvarint(newestFirst[i + 1].Largest - newestFirst[i + 1].Smallest);
        }

        return true;
    }

    /// <summary>The ranges, newest first; allocates nothing.</summary>
    public Enumerator GetEnumerator() => new(this);

    private static bool TryReadRange(ref WireReader reader, ulong above, out ReportRange range)
    {
        range = default;
        // Numbers have at most 63 bits, so no sum here wraps.
        if (!reader.TryReadUvarint(out var gap) || !reader.TryReadUvarint(out var length) || gap + 2 > above || length > above - gap - 2)
            return false;

        range = new ReportRange(above - gap - 2 - length, above - gap - 2);
        return true;
    }

    private static int LengthOf(ReportRange above, ReportRange range) =>
        Uvarint.Length(above.Smallest - range.Largest - 2) + Uvarint.Length(range.Largest - range.Smallest);

    private static void Require(scoped ReadOnlySpan<ReportRange> newestFirst)
    {
        if (newestFirst.Length is 0 or > Limits.ReportRangesMax + 1)
            throw new ArgumentException($"Give 1 to {Limits.ReportRangesMax + 1} ranges, newest first.", nameof(newestFirst));

        for (var i = 0; i < newestFirst.Length; i++)
        {
            var range = newestFirst[i];
            var end = i == 0 ? ulong.MaxValue : newestFirst[i - 1].Smallest;
            if (range.Smallest > range.Largest || (i > 0 && (end < 2 || range.Largest > end - 2)))
                throw new ArgumentException("Give ranges newest first, with at least one missing number between two.", nameof(newestFirst));
        }
    }

    /// <summary>Walks the ranges of a report, newest first.</summary>
    public ref struct Enumerator
    {
        private WireReader reader;
        private ReportRange current;
        private int left;
        private bool started;

        internal Enumerator(scoped in ReportFrame report)
        {
            reader = new WireReader(report.ranges);
            left = report.ExtraRanges;
            current = new ReportRange(report.Largest - report.first, report.Largest);
        }

        /// <summary>The range walked to.</summary>
        public readonly ReportRange Current => current;

        /// <summary>Walks to the next older range; false at the end.</summary>
        public bool MoveNext()
        {
            if (!started)
                return started = true;
            return left-- > 0 && TryReadRange(ref reader, current.Smallest, out current);
        }
    }
}
