using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Simulation.Tests.Lanes.LaneWorld;

namespace MsgNet.Simulation.Tests.Lanes;

/// <summary>How sessions and hosts with reliable messages close, and what an idle lane costs.</summary>
public class ReliableCloseTests
{
    private const int Big = 100_000;

    [Fact]
    [Covers("API-044")]
    public void A_session_that_is_closed_sends_what_it_accepted_and_then_says_so()
    {
        var world = new LaneWorld(5, new LinkOptions { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.3 });
        world.Hold();
        var session = world.Open(SendOptions.Ordered);
        for (var i = 0; i < 200; i++)
            Assert.True(session.TrySend(Numbered(i, 1_000)));
        var tracked = world.A.Host.OpenSession(world.B.Id, Chat, Tracked);
        var delivery = tracked.SendMessage(Numbered(1_000)).AsTask();

        Assert.True(session.DisposeAsync().IsCompletedSuccessfully);
        Assert.True(tracked.DisposeAsync().IsCompletedSuccessfully);
        Assert.False(session.TrySend(Numbered(-5)));
        world.Run(10);
        Assert.False(session.Completion.IsCompleted);
        Assert.False(delivery.IsCompleted);

        world.ReleaseAll();
        world.Run(20);
        Assert.True(delivery.IsCompletedSuccessfully);
        Assert.True(session.Completion.IsCompletedSuccessfully);
        Assert.True(tracked.Completion.IsCompletedSuccessfully);
        Assert.Equal(Enumerable.Range(0, 200), world.Got.Where(number => number < 1_000));
        Assert.Empty(world.A.Host.Network.Sessions(world.B.Id));
    }

    [Fact]
    [Covers("API-044")]
    public void Closing_a_session_ends_sends_that_wait_for_room_and_not_those_accepted()
    {
        var world = new LaneWorld();
        var session = world.Open(SendOptions.Ordered);
        while (session.TrySend(Numbered(1, Big)))
        {
        }

        var waiting = session.SendMessage(Numbered(2, Big)).AsTask();
        _ = session.DisposeAsync().AsTask();
        world.Run(2);

        var lost = Failure<SessionLostException>(waiting);
        Assert.Equal((PeerLoss.ClosedLocally, false), (lost.Reason, lost.MaybeDelivered));
        Assert.True(session.Completion.IsCompletedSuccessfully);
        Assert.Equal([1, 1], world.Got);
        var late = session.SendMessage(Numbered(3)).AsTask();
        world.Run(1);
        Failure<ObjectDisposedException>(late);
    }

    [Fact]
    [Covers("API-043", "API-044")]
    public void A_closed_session_whose_peer_dies_reports_what_it_could_not_send()
    {
        var world = new LaneWorld();
        var (first, second) = (world.Open(SendOptions.Ordered), world.Open(SendOptions.Reliable));
        Assert.True(first.TrySend(Numbered(1)));
        world.Run(1);
        world.B.Crash();
        Assert.True(second.TrySend(Numbered(2)));
        _ = first.DisposeAsync().AsTask();
        _ = second.DisposeAsync().AsTask();
        world.Run(40);

        Assert.True(first.Completion.IsCompletedSuccessfully);
        var lost = Failure<SessionLostException>(second.Completion);
        Assert.Equal((PeerLoss.TimedOut, true), (lost.Reason, lost.MaybeDelivered));
    }

    [Fact]
    [Covers("API-044")]
    public void A_session_that_never_sent_closes_at_once()
    {
        var world = new LaneWorld();
        var session = world.Open(SendOptions.Ordered);
        _ = session.DisposeAsync().AsTask();
        world.Run(0);
        Assert.True(session.Completion.IsCompletedSuccessfully);
        Assert.Equal(0, world.NodeOfA.PeerCount);
    }

    [Fact]
    [Covers("API-018")]
    public void Close_waits_until_reliable_messages_are_acknowledged()
    {
        var world = new LaneWorld(6, new LinkOptions { Delay = TimeSpan.FromMilliseconds(10), Loss = 0.3 });
        var session = world.Open(SendOptions.Ordered);
        var sends = Enumerable.Range(0, 30).Select(i => session.SendMessage(Numbered(i, 20_000)).AsTask()).ToArray();
        var closing = world.A.Host.Close(TimeSpan.FromSeconds(60)).AsTask();
        world.Run(30);

        Assert.True(closing.IsCompletedSuccessfully);
        Assert.All(sends, send => Assert.True(send.IsCompletedSuccessfully));
        Assert.True(session.Completion.IsCompletedSuccessfully);
        Assert.Equal(Enumerable.Range(0, 30), world.Got);
    }

    [Fact]
    [Covers("API-018", "API-020", "API-043")]
    public void Close_reports_what_was_not_acknowledged_when_the_drain_time_is_over()
    {
        var world = new LaneWorld();
        world.Hold();
        var session = world.Open(SendOptions.Ordered);
        Assert.True(session.TrySend(Numbered(1)));
        var tracked = world.Send(2, Tracked);
        while (session.TrySend(Numbered(3, Big)))
        {
        }

        world.Simulation.Network.Partition(world.A, world.B);
        var waiting = session.SendMessage(Numbered(4, Big)).AsTask();
        var closing = world.A.Host.Close(TimeSpan.FromSeconds(5)).AsTask();
        world.Run(4.9);
        Assert.False(closing.IsCompleted);
        Assert.False(waiting.IsCompleted);

        world.Run(0.2);
        Assert.True(closing.IsCompletedSuccessfully);
        foreach (var (task, maybe) in new[] { (session.Completion, true), (tracked, true), (waiting, false) })
        {
            var lost = Failure<SessionLostException>(task);
            Assert.Equal((PeerLoss.ClosedLocally, maybe), (lost.Reason, lost.MaybeDelivered));
        }
    }

    [Theory]
    [Covers("API-045")]
    [InlineData(59, 1)]
    [InlineData(61, 2)]
    [InlineData(300, 2)]
    [InlineData(4_000, 2)]
    public void An_idle_session_gives_up_its_lane_and_opens_another_when_it_is_used(double seconds, int lanes)
    {
        var world = new LaneWorld();
        var session = world.Open(Tracked);
        var first = session.SendMessage(Numbered(1)).AsTask();
        world.Run(seconds);
        var second = session.SendMessage(Numbered(2)).AsTask();
        world.Run(1);

        Assert.True(first.IsCompletedSuccessfully);
        Assert.True(second.IsCompletedSuccessfully);
        Assert.Equal([1, 2], world.Got);
        Assert.Equal(lanes, world.NodeOfA.Counters.LanesOpened);
        Assert.False(session.Completion.IsCompleted);
    }

    [Fact]
    [Covers("API-045")]
    public void A_send_at_the_moment_an_idle_lane_closes_costs_no_round_trip()
    {
        var world = new LaneWorld();
        var session = world.Open(SendOptions.Ordered);
        Assert.True(session.TrySend(Numbered(1)));

        // The lane is being shut down while this is sent, and its end has not been heard of.
        for (var i = 2; i < 100; i++)
        {
            world.Run(60.005 - (0.0001 * i));
            Assert.True(session.TrySend(Numbered(i)));
            world.Run(0.011);
            Assert.Equal(i, world.Got.Count);
        }

        Assert.Equal(Enumerable.Range(1, 99), world.Got);
        Assert.InRange(world.NodeOfA.Counters.LanesOpened, 50, 99);
    }

    [Fact]
    [Covers("API-045")]
    public void A_lane_with_a_message_in_a_handlers_hands_stays()
    {
        var world = new LaneWorld();
        world.Hold();
        var session = world.Open(SendOptions.Ordered);
        Assert.True(session.TrySend(Numbered(1)));
        world.Run(200);
        Assert.True(session.TrySend(Numbered(2)));
        world.Run(1);
        Assert.Equal([1], world.Got);

        world.ReleaseAll();
        world.Run(1);
        Assert.Equal([1, 2], world.Got);
    }

    [Fact]
    public void Lanes_go_on_over_a_change_of_keys_and_of_address()
    {
        var world = new LaneWorld();
        var session = world.Open(Tracked);
        for (var i = 0; i < 60; i++)
        {
            var send = session.SendMessage(Numbered(i)).AsTask();
            world.Run(10);
            Assert.True(send.IsCompletedSuccessfully);
            if (i % 10 == 5)
                world.Simulation.Network.ChangeAddress(world.A);
        }

        Assert.Equal(Enumerable.Range(0, 60), world.Got);
        Assert.Equal(1, world.NodeOfA.Counters.LanesOpened);
        Assert.True(world.NodeOfA.Counters.SessionsEstablished > 3);
    }
}
