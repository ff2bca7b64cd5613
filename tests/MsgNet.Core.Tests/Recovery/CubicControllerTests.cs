using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>CUBIC against the formulas of RFC 9438, on a path whose reports come one round trip after the packets.</summary>
public sealed class CubicControllerTests
{
    private const int Size = 1200;
    private readonly CubicController controller = new(Size);
    private readonly Queue<SentPacket> flight = new();
    private TimeSpan roundTrip = TimeSpan.FromMilliseconds(100);
    private Instant now = Instant.FromMicroseconds(10_000_000);

    private double Segments => (double)controller.Window / Size;

    [Fact]
    [Covers("REC-053", "REC-059")]
    public void Slow_start_doubles_the_window_each_round_trip()
    {
        Assert.Equal(10, Segments);
        RoundTrip();
        Assert.Equal(20, Segments);
        RoundTrip();
        Assert.Equal(40, Segments);
        Assert.Equal(2 * controller.Window / 0.1, controller.PacingRate, 1.0);
    }

    [Fact]
    [Covers("REC-059")]
    public void After_a_loss_the_window_follows_the_cubic_curve()
    {
        GrowTo(1000);
        Lose();
        var start = now;
        Assert.Equal(0.7 * 1000, Segments, 1.0);
        Assert.Equal(1.25 * controller.Window / 0.1, controller.PacingRate, 1.0);
        var k = Math.Cbrt(1000 * (1 - 0.7) / 0.4);

        for (var t = 0.0; t < 1.5 * k; t = (now - start).TotalSeconds)
        {
            var expected = (0.4 * Math.Pow(t - k, 3)) + 1000;
            Assert.InRange(Segments, 0.98 * expected, 1.02 * expected);
            RoundTrip();
        }

        Assert.True(Segments > 1030);
    }

    [Fact]
    [Covers("REC-059")]
    public void A_loss_below_the_last_plateau_leaves_room_for_others()
    {
        GrowTo(1000);
        Lose();
        RunFor(4);
        var second = Segments;
        Assert.InRange(second, 900, 990);
        Lose();
        // Fast convergence: the plateau is not where the loss was.
        var plateau = second * (1 + 0.7) / 2;
        var k = Math.Cbrt((plateau - (0.7 * second)) / 0.4);
        RunFor(k);

        Assert.InRange(Segments, 0.99 * plateau, 1.01 * plateau);
    }

    [Fact]
    [Covers("REC-059")]
    public void On_a_short_path_it_grows_like_Reno()
    {
        roundTrip = TimeSpan.FromMilliseconds(5);
        GrowTo(100);
        Lose();
        var reno = Segments;
        for (var rounds = 0; rounds < 100; rounds++)
        {
            RoundTrip();
            reno += reno < 100 ? 3 * (1 - 0.7) / (1 + 0.7) : 1;
            Assert.InRange(Segments, 0.98 * reno, 1.02 * reno);
        }

        Assert.True(reno > 130);
    }

    [Fact]
    [Covers("REC-059")]
    public void Losses_of_one_round_trip_reduce_once()
    {
        GrowTo(100);
        var packet = Sent();
        now += roundTrip;
        for (var i = 0; i < 10; i++)
            controller.OnLost(now, packet);
        Assert.Equal(70, Segments, 0.1);

        // One that left after the reduction is another sign.
        packet = Sent();
        controller.OnLost(now + roundTrip, packet);
        Assert.Equal(49, Segments, 0.1);
    }

    [Fact]
    [Covers("REC-059")]
    public void A_reduction_for_losses_that_were_none_is_undone()
    {
        GrowTo(100);
        var window = controller.Window;
        var packet = Sent();
        now += roundTrip;
        controller.OnLost(now, packet);
        controller.OnLost(now, packet);
        packet.State = SentState.Lost;
        controller.OnDeliveredLate(now, packet);
        Assert.Equal(70, Segments, 0.1);
        controller.OnDeliveredLate(now, packet);

        Assert.Equal(window, controller.Window);
        RoundTrip();
        Assert.Equal(200, Segments, 0.1);
    }

    [Fact]
    [Covers("REC-059")]
    public void A_sender_with_little_to_say_gains_nothing()
    {
        GrowTo(40);
        for (var i = 0; i < 50; i++)
        {
            controller.OnAppLimited(Size);
            var packet = Sent();
            now += roundTrip;
            Deliver(packet);
        }

        Assert.Equal(40, Segments);
    }

    [Fact]
    [Covers("REC-059")]
    public void Time_in_which_the_window_was_not_used_does_not_count()
    {
        GrowTo(1000);
        Lose();
        RunFor(3);
        var before = Segments;
        now += TimeSpan.FromMinutes(10);
        RoundTrip();
        RoundTrip();
        Assert.InRange(Segments, before, 1.02 * before);
    }

    [Fact]
    [Covers("REC-040", "REC-059")]
    public void The_window_never_exceeds_what_can_be_remembered()
    {
        for (var rounds = 0; rounds < 14; rounds++)
            RoundTrip();
        Assert.Equal(Limits.SentPacketsMax, Segments);
    }

    [Fact]
    [Covers("REC-053", "REC-059")]
    public void Silence_starts_slowly_again_and_up_to_where_it_was_reduced_to()
    {
        GrowTo(200);
        controller.OnSilence();
        Assert.Equal(4, Segments);
        controller.OnSilence();
        flight.Clear();
        for (var rounds = 0; rounds < 5; rounds++)
            RoundTrip();
        Assert.InRange(Segments, 120, 141);
        RoundTrip();
        RoundTrip();
        // Avoidance from here on, towards the old plateau.
        Assert.InRange(Segments, 140, 200);
    }

    [Fact]
    [Covers("REC-059")]
    public void Slow_start_ends_when_round_trips_grow()
    {
        GrowTo(80);
        roundTrip *= 1.2;
        RoundTrip();
        RoundTrip();
        var window = Segments;
        RoundTrip();
        Assert.InRange(Segments, window, 1.1 * window);
    }

    [Fact]
    [Covers("REC-059")]
    public void A_larger_datagram_keeps_the_bytes_of_the_window()
    {
        GrowTo(100);
        Lose();
        var window = controller.Window;
        controller.SetDatagramSize(1472);
        Assert.Equal(window, controller.Window);
        RoundTrip();
        Assert.InRange(controller.Window, window, 1.1 * window);
    }

    [Fact]
    [Covers("REC-059")]
    public void Two_flows_of_CUBIC_converge()
    {
        var link = new LinkSimulator(new LinkOptions(20e6, TimeSpan.FromMilliseconds(20), 100_000, 0), 3);
        var one = link.Add(Instant.Zero, reliable: true, control: CongestionControl.Cubic);
        var two = link.Add(Instant.Zero + TimeSpan.FromSeconds(2), reliable: true, control: CongestionControl.Cubic);
        link.RunFor(TimeSpan.FromSeconds(30));
        var (before1, before2) = (one.BytesArrived, two.BytesArrived);

        link.RunFor(TimeSpan.FromSeconds(30));

        var (got1, got2) = (one.BytesArrived - before1, two.BytesArrived - before2);
        Assert.InRange((double)got1 / (got1 + got2), 0.35, 0.65);
        Assert.True(got1 + got2 >= 0.95 * 30 * link.BytesPerSecond, $"{(got1 + got2) / 30 / link.BytesPerSecond:P1}");
    }

    private void GrowTo(int segments)
    {
        while (Segments < segments)
            RoundTrip(segments);
        Assert.Equal(segments, Segments, 0.01);
    }

    // A loss that is alone in its round trip, and the round trip that passes before the window is used up.
    private void Lose()
    {
        var packet = Sent();
        now += roundTrip;
        controller.OnLost(now, packet);
        flight.Clear();
    }

    private void RunFor(double seconds)
    {
        for (var end = now + TimeSpan.FromSeconds(seconds); now < end;)
            RoundTrip();
    }

    // What is in flight is reported evenly spaced, each packet by itself, and the window filled again.
    private void RoundTrip(double atMost = double.PositiveInfinity)
    {
        Fill();
        var step = roundTrip / flight.Count;
        var end = now + roundTrip;
        for (var count = flight.Count; count > 0; count--)
        {
            now += step;
            var packet = flight.Dequeue();
            if (Segments < atMost)
                Deliver(packet);
            Fill();
        }

        now = end;
    }

    private void Fill()
    {
        while ((flight.Count + 1) * Size <= controller.Window)
            flight.Enqueue(Sent());
    }

    private SentPacket Sent()
    {
        var packet = new SentPacket { SentAt = now, Bytes = Size, State = SentState.InFlight };
        controller.OnSent(now, controller.Window - Size, ref packet);
        return packet;
    }

    private void Deliver(in SentPacket packet)
    {
        controller.OnDelivered(now, packet);
        controller.OnRoundTrip(now, roundTrip, roundTrip);
        controller.OnReported(now, Size, 0);
    }
}
