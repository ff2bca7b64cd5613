using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>The parts of the path model, one by one.</summary>
public sealed class PathModelTests
{
    private const int Size = 1200;
    private static readonly Instant Start = Instant.FromMicroseconds(1_000_000);

    [Fact]
    public void The_windowed_maximum_is_that_of_the_last_ten_rounds()
    {
        var filter = default(WindowedMax);
        filter.Update(0, 100);
        for (var round = 1; round <= 10; round++)
        {
            filter.Update(round, 50 - round);
            Assert.Equal(100, filter.Best);
        }

        filter.Update(11, 10);
        Assert.InRange(filter.Best, 40, 49);
        filter.Update(12, 200);
        Assert.Equal(200, filter.Best);
        filter.Update(40, 1);
        Assert.Equal(1, filter.Best);
    }

    [Fact]
    [Covers("REC-055")]
    public void A_burst_of_reports_does_not_look_like_bandwidth()
    {
        var delivery = new DeliveryRate();
        var packets = new SentPacket[10];
        for (var i = 0; i < packets.Length; i++)
            packets[i] = Sent(ref delivery, Start + Milliseconds(i), i * Size);

        // Everything is reported within one millisecond, 40 ms later.
        var now = Start + Milliseconds(50);
        foreach (var packet in packets)
            delivery.OnDelivered(now, packet);

        Assert.True(delivery.TryTakeSample(now, Milliseconds(40), out var sample));
        Assert.Equal(10 * Size / 0.050, sample.Rate, 1.0);
        Assert.False(delivery.TryTakeSample(now, Milliseconds(40), out _));
    }

    [Fact]
    public void A_sample_shorter_than_the_least_round_trip_has_no_rate()
    {
        var delivery = new DeliveryRate();
        var packet = Sent(ref delivery, Start, 0);
        delivery.OnDelivered(Start + Milliseconds(39), packet);

        Assert.True(delivery.TryTakeSample(Start + Milliseconds(39), Milliseconds(40), out var sample));
        Assert.Equal(0, sample.Rate);
    }

    [Fact]
    [Covers("REC-058")]
    public void Samples_of_a_silent_sender_are_marked_until_what_it_sent_has_arrived()
    {
        var delivery = new DeliveryRate();
        var first = Sent(ref delivery, Start, 0);
        Assert.False(first.AppLimited);
        delivery.OnAppLimited(Size);
        var second = Sent(ref delivery, Start + Milliseconds(1), Size);
        Assert.True(second.AppLimited);

        delivery.OnDelivered(Start + Milliseconds(40), first);
        delivery.OnDelivered(Start + Milliseconds(41), second);
        Assert.True(delivery.TryTakeSample(Start + Milliseconds(41), Milliseconds(1), out var sample));
        Assert.True(sample.AppLimited);
        Assert.False(delivery.AppLimited);
    }

    [Fact]
    [Covers("REC-058")]
    public void A_quiet_hour_does_not_lower_the_estimate()
    {
        var link = new LinkSimulator(LinkOptions.Usual, 21);
        var flow = link.Add(Instant.Zero);
        link.RunFor(TimeSpan.FromSeconds(5));
        var rate = flow.Recovery.PacingRate;
        flow.Interval = TimeSpan.FromMilliseconds(50);
        link.RunFor(TimeSpan.FromSeconds(120));

        Assert.InRange(flow.Recovery.PacingRate, 0.7 * rate, 1.7 * rate);
    }

    private static TimeSpan Milliseconds(double milliseconds) => TimeSpan.FromMilliseconds(milliseconds);

    private static SentPacket Sent(ref DeliveryRate delivery, Instant now, long inFlight)
    {
        var packet = new SentPacket { SentAt = now, Bytes = Size, State = SentState.InFlight };
        delivery.OnSent(now, inFlight, ref packet);
        return packet;
    }
}
