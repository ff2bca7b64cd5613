using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>Random histories with hostile reports: nothing throws, and the books balance after every step.</summary>
public sealed class PathRecoveryFuzzTests
{
    private const int Datagram = 1200;
    private PathRecovery recovery = new(Datagram);
    private readonly List<(uint Index, ulong Next)> keys = [];
    private readonly byte[] body = new byte[400];
    private SeededRandom random = new(0);
    private Instant now = Instant.FromMicroseconds(1);
    private readonly HashSet<ulong> carried = [];
    private ulong nextItem;
    private uint nextIndex = 1;

    [Theory]
    [InlineData(1, CongestionControl.Model)]
    [InlineData(2, CongestionControl.Model)]
    [InlineData(3, CongestionControl.Cubic)]
    [InlineData(4, CongestionControl.Cubic)]
    [Covers("REC-002", "REC-039")]
    public void A_quarter_million_steps_keep_the_books_balanced(ulong seed, CongestionControl control)
    {
        recovery = new PathRecovery(Datagram, control);
        random = new SeededRandom(seed);
        var outcomes = new int[5];
        for (var step = 0; step < 250_000; step++)
        {
            Step(outcomes);
            Assert.True(recovery.BytesInFlight >= 0 && recovery.PacketsInFlight >= 0);
            Assert.True(recovery.BytesInFlight <= recovery.PacketsInFlight * 65_535);
            Assert.Equal(recovery.PacketsInFlight == 0, recovery.BytesInFlight == 0);
            Assert.Equal(recovery.PacketsInFlight == 0, recovery.NextTimer.IsNever);
            Assert.True(!recovery.IsProbeDue || recovery.PacketsInFlight > 0);
            TakeOutcomes();
            Assert.True(recovery.PacketsInFlight <= Limits.SentPacketsMax);
            Assert.True(recovery.PacketsSpurious <= recovery.PacketsLost + recovery.PacketsExpired);
            Assert.InRange(recovery.CongestionWindow, 4 * recovery.DatagramSize, long.MaxValue / 4);
            Assert.InRange(recovery.PacingRate, 1, long.MaxValue / 4);
            Assert.InRange(recovery.ProbeTimeout, TimeSpan.FromMilliseconds(10), TimeSpan.FromSeconds(5));
            Assert.True(recovery.NextSend(now) >= now);
        }

        // Every kind of report was seen, so every path ran.
        Assert.All(outcomes, count => Assert.True(count > 0));

        // Left alone it comes to rest: every timer lies ahead and settles something or makes a probe due.
        for (var last = now; !recovery.NextTimer.IsNever; last = now)
        {
            now = Instant.Max(now, recovery.NextTimer);
            var (inFlight, due) = (recovery.PacketsInFlight, recovery.IsProbeDue);
            recovery.OnTimer(now);
            Assert.True(recovery.PacketsInFlight < inFlight || (recovery.IsProbeDue && !due) || now > last);
        }

        TakeOutcomes();
        Assert.Empty(carried);
        Assert.Equal(0, recovery.BytesInFlight);
    }

    private void Step(int[] outcomes)
    {
        now += new TimeSpan(random.NextInt32(0, 20_000));
        switch (random.NextInt32(0, 1000))
        {
            case < 5 when keys.Count < PathRecovery.KeysMax:
                recovery.AddKey(nextIndex);
                keys.Add((nextIndex++, 0));
                break;
            case < 7 when keys.Count > 1:
                recovery.RemoveKey(keys[0].Index);
                keys.RemoveAt(0);
                break;
            case 8:
                recovery.OnPathChanged(random.NextInt32(1200, 1473));
                break;
            case 9:
                recovery.DatagramSize = random.NextInt32(1200, 1473);
                break;
            case < 12:
                now += TimeSpan.FromMilliseconds(random.NextInt32(0, 3000));
                break;
            case < 15:
                recovery.OnRoundTripSample(now, new TimeSpan(random.NextInt32(0, 10_000_000)));
                break;
            case < 100:
                recovery.OnTimer(now);
                break;
            case < 600 when keys.Count > 0:
                Send();
                break;
            case >= 600 when keys.Count > 0:
                Report(outcomes);
                break;
        }
    }

    private void Send()
    {
        var at = random.NextInt32(0, keys.Count);
        var (index, next) = keys[at];
        if (random.NextInt32(0, 300) == 0)
            recovery.OnNumberSkipped(now, index, next);
        else
            Send(index, next);
        keys[at] = (index, next + 1);
    }

    private void Send(uint index, ulong number)
    {
        Span<PacketItem> items = stackalloc PacketItem[random.NextInt32(0, 4)];
        foreach (ref var item in items)
        {
            item = new PacketItem((PacketItemKind)random.NextInt32(0, 3), 0, nextItem++);
            carried.Add(item.Number);
        }

        var eliciting = !items.IsEmpty || random.NextInt32(0, 4) > 0;
        recovery.OnPacketSent(now, index, number, random.NextInt32(1, 1473), eliciting, random.NextInt32(0, 4) == 0, items);
    }

    // Each item is told of once.
    private void TakeOutcomes()
    {
        while (recovery.TryTakeOutcome(out var outcome))
            Assert.True(carried.Remove(outcome.Item.Number));
    }

    private void Report(int[] outcomes)
    {
        var (index, next) = keys[random.NextInt32(0, keys.Count)];
        Span<ReportRange> ranges = stackalloc ReportRange[33];
        var count = 0;
        var top = (long)next - 1 - random.NextInt32(0, 8) + (random.NextInt32(0, 50) == 0 ? 9 : 0);
        for (; count < 33 && top >= 0; count++)
        {
            var smallest = Math.Max(0, top - random.NextInt32(0, 12));
            ranges[count] = new ReportRange((ulong)smallest, (ulong)top);
            top = smallest - 2 - random.NextInt32(0, 3);
        }

        if (count == 0)
            return;
        var writer = new WireWriter(body);
        if (random.NextInt32(0, 100) == 0)
            index = 0;
        Assert.True(ReportFrame.TryWrite(ref writer, index, (ulong)random.NextInt32(0, 10_000), ranges[..count]));
        var frame = writer.Written[(Uvarint.Read(writer.Written, out _) + 1)..];
        for (var flips = random.NextInt32(0, 6) - 3; flips > 0; flips--)
            frame[random.NextInt32(4, frame.Length)] = (byte)random.NextInt32(0, 256);
        if (ReportFrame.TryRead(frame, out var report))
            outcomes[(int)recovery.OnReport(now, report)]++;
    }
}
