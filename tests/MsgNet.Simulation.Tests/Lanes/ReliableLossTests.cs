using MsgNet.Core;
using MsgNet.Testing;
using static MsgNet.Simulation.Tests.Lanes.LaneWorld;

namespace MsgNet.Simulation.Tests.Lanes;

/// <summary>Nothing that was accepted is lost without its sender being told, and who waits is told why.</summary>
public class ReliableLossTests
{
    private const int Big = 100_000;

    // 15 s of silence, 20 s of new handshakes, and what the first probe waited.
    private const double DeadAfter = 36;

    [Theory]
    [Covers("API-043", "API-112", "SEC-082")]
    [InlineData(true)]
    [InlineData(false)]
    public void A_dead_peer_fails_every_send_that_waits_and_says_which_may_have_been_handled(bool isCrash)
    {
        var world = new LaneWorld();
        var session = world.Open(SendOptions.Ordered);
        var first = world.Send(0, Tracked);
        world.Run(1);
        Assert.True(first.IsCompletedSuccessfully);
        if (isCrash)
            world.B.Crash();
        else
            world.Simulation.Network.Partition(world.A, world.B);

        var tracked = world.Send(1, Tracked);
        while (session.TrySend(Numbered(2, Big)))
        {
        }

        var waiting = session.SendMessage(Numbered(3, Big)).AsTask();
        world.Run(10);
        Assert.False(tracked.IsCompleted);
        Assert.False(waiting.IsCompleted);
        Assert.False(session.Completion.IsCompleted);

        world.Run(DeadAfter - 10);
        var lost = Failure<SessionLostException>(tracked);
        Assert.Equal((PeerLoss.TimedOut, true), (lost.Reason, lost.MaybeDelivered));
        lost = Failure<SessionLostException>(waiting);
        Assert.Equal((PeerLoss.TimedOut, false), (lost.Reason, lost.MaybeDelivered));
        lost = Failure<SessionLostException>(session.Completion);
        Assert.Equal((PeerLoss.TimedOut, true), (lost.Reason, lost.MaybeDelivered));

        // Who comes later was never sent.
        Assert.False(session.TrySend(Numbered(4)));
        var late = session.SendMessage(Numbered(4)).AsTask();
        world.Run(0.1);
        Assert.False(Failure<SessionLostException>(late).MaybeDelivered);
        Assert.Empty(world.A.Host.Network.Sessions(world.B.Id));
    }

    [Fact]
    [Covers("API-043")]
    public void An_idle_session_whose_peer_is_lost_says_so_but_that_nothing_was()
    {
        var world = new LaneWorld();
        var session = world.Open(SendOptions.Ordered);
        Assert.True(session.TrySend(Numbered(1)));
        world.Run(1);
        _ = world.B.Host.Network.ClosePeer(world.A.Id).AsTask();
        world.Run(1);

        var lost = Failure<SessionLostException>(session.Completion);
        Assert.Equal((PeerLoss.ClosedByPeer, false), (lost.Reason, lost.MaybeDelivered));
    }

    [Fact]
    [Covers("API-043", "API-092")]
    public void Closing_a_peer_here_tells_what_was_under_way()
    {
        var world = new LaneWorld();
        world.Hold();
        var (idle, busy) = (world.Open(SendOptions.Reliable), world.Open(SendOptions.Ordered));
        var done = world.Send(1, new SendOptions { Delivery = Delivery.Reliable });
        world.Run(1);
        world.Release();
        Assert.True(idle.TrySend(Numbered(2)));
        world.Run(1);
        world.Release();
        world.Run(1);
        Assert.True(busy.TrySend(Numbered(3)));
        var tracked = world.Send(4, Tracked);
        world.Run(1);

        _ = world.A.Host.Network.ClosePeer(world.B.Id).AsTask();
        world.Run(1);

        Assert.True(done.IsCompletedSuccessfully);
        Assert.True(idle.Completion.IsCompletedSuccessfully);
        foreach (var task in new[] { busy.Completion, tracked })
        {
            var lost = Failure<SessionLostException>(task);
            Assert.Equal((PeerLoss.ClosedLocally, true), (lost.Reason, lost.MaybeDelivered));
        }
    }

    [Fact]
    [Covers("API-043", "SEC-103")]
    public void A_peer_that_restarted_fails_what_it_had_not_handled_and_nothing_else()
    {
        var world = new LaneWorld();
        var (idle, busy) = (world.Open(SendOptions.Reliable), world.Open(SendOptions.Ordered));
        Assert.True(idle.TrySend(Numbered(1)));
        world.Run(1);
        world.Hold();
        Assert.True(busy.TrySend(Numbered(2)));
        var tracked = world.Send(3, Tracked);
        world.Run(1);
        world.B.Crash();
        world.B.Restart();
        Assert.True(busy.TrySend(Numbered(4)));
        world.Run(10);

        foreach (var task in new[] { busy.Completion, tracked })
        {
            var lost = Failure<SessionLostException>(task);
            Assert.Equal((PeerLoss.PeerRestarted, true), (lost.Reason, lost.MaybeDelivered));
        }

        world.ReleaseAll();
        Assert.True(idle.TrySend(Numbered(5)));
        world.Run(1);
        Assert.False(idle.Completion.IsCompleted);
        Assert.Equal([1, 2, 5], world.Got);
    }

    [Fact]
    [Covers("API-043", "API-083")]
    public void A_peer_that_nobody_finds_fails_sends_with_what_was_tried()
    {
        var world = new LaneWorld(configure: options => options.DialTimeout = TimeSpan.FromSeconds(3));
        world.B.Crash();
        var session = world.Open(SendOptions.Ordered);
        Assert.True(session.TrySend(Numbered(1)));
        var tracked = world.Send(2, Tracked);
        world.Run(4);

        Assert.Contains("no answer within 3 s", Failure<PeerUnreachableException>(tracked).Attempts[0].Error, StringComparison.Ordinal);
        Assert.NotEmpty(Failure<PeerUnreachableException>(session.Completion).Attempts);
    }

    [Fact]
    [Covers("API-088")]
    public void A_dial_that_failed_does_not_turn_unreliable_messages_into_reliable_ones()
    {
        var world = new LaneWorld(configure: options => options.DialTimeout = TimeSpan.FromSeconds(3));
        world.B.Crash();
        _ = world.Send(1, SendOptions.Unreliable);
        world.Run(4);
        world.B.Restart();
        world.Run(1);
        _ = world.Send(2, SendOptions.Unreliable);
        world.Run(2);

        Assert.Equal([2], world.Got);
        Assert.Equal(Delivery.Unreliable, Assert.Single(world.Messages).Delivery);
    }

    [Fact]
    [Covers("API-043", "SEC-067")]
    public void A_peer_that_refuses_this_host_has_handled_nothing()
    {
        var world = new LaneWorld();
        world.B.Crash();
        var simulation = world.Simulation;
        var picky = simulation.AddHost(new SimulatedHostOptions
        {
            Configure = options => options.AcceptPeer = (_, _) => false,
            Started = host => world.SetHandler(host, Chat),
        });
        world.A.Learn(picky);
        var tracked = world.A.Host.SendMessage(picky.Id, Chat, Numbered(1), Tracked).AsTask();
        world.Run(5);

        var lost = Failure<SessionLostException>(tracked);
        Assert.Equal((PeerLoss.Refused, false), (lost.Reason, lost.MaybeDelivered));
        Assert.Empty(world.Got);
    }

    [Theory]
    [Covers("API-043")]
    [InlineData(Delivery.Reliable)]
    [InlineData(Delivery.ReliableOrdered)]
    public void A_protocol_without_handler_is_refused_to_every_send(Delivery delivery)
    {
        var world = new LaneWorld();
        var options = new SendOptions { Delivery = delivery, WaitForDelivery = true };
        var session = world.A.Host.OpenSession(world.B.Id, "/nobody", options);
        var accepted = session.SendMessage(Numbered(1)).AsTask();
        while (session.TrySend(Numbered(2, Big)))
        {
        }

        var waiting = session.SendMessage(Numbered(3, Big)).AsTask();
        world.Run(2);

        Assert.Equal("/nobody", Failure<ProtocolNotSupportedException>(accepted).Protocol);
        Failure<ProtocolNotSupportedException>(waiting);
        Failure<ProtocolNotSupportedException>(session.Completion);

        // Once there is a handler the next send opens another session.
        world.SetHandler(world.B, "/nobody");
        var again = world.A.Host.SendMessage(world.B.Id, "/nobody", Numbered(4), options).AsTask();
        world.Run(2);
        Assert.True(again.IsCompletedSuccessfully);
        Assert.Equal([4], world.Got);
    }

    [Theory]
    [Covers("API-043", "API-053")]
    [InlineData(40, Big, false)]
    [InlineData(2_000, 300, true)]
    [InlineData(5, 300, true)]
    public void A_handler_that_is_removed_refuses_what_it_was_not_called_with(int messages, int size, bool isQueued)
    {
        var world = new LaneWorld();
        world.Hold();
        var sends = Enumerable.Range(0, messages).Select(i => world.Send(i, Tracked, i == 0 ? 300 : size)).ToArray();
        world.Run(2);
        Assert.True(world.B.Host.RemoveMessageHandler(Chat));
        world.Run(2);

        // What is queued for the handler ends with it. Else the call that still runs keeps the first window closed, and no other is whole.
        Assert.All(sends, send => Assert.Equal(isQueued, send.IsCompleted));
        world.Release();
        world.Run(2);
        Assert.All(sends[1..], send => Failure<ProtocolNotSupportedException>(send));
        Assert.Equal([0], world.Got);
    }

    [Fact]
    [Covers("API-045")]
    public void One_lane_more_than_a_peer_takes_fails_with_what_to_do_and_harms_no_other()
    {
        var world = new LaneWorld();
        var sessions = new List<ISocketSession>();
        for (var i = 0; i < Limits.LanesPerSideMax; i++)
        {
            world.SetHandler(world.B, $"/chat/{i}");
            sessions.Add(world.A.Host.OpenSession(world.B.Id, $"/chat/{i}", SendOptions.Ordered));
            Assert.True(sessions[i].TrySend(Numbered(i)));
        }

        var refused = world.Send(-2, SendOptions.Ordered);
        world.Run(0);
        var error = Failure<MsgNetException>(refused);
        Assert.Contains("Close sessions", error.Message, StringComparison.Ordinal);
        world.Run(2);
        Assert.Equal(Enumerable.Range(0, Limits.LanesPerSideMax), world.Got.Order());

        _ = sessions[0].DisposeAsync().AsTask();
        world.Run(1);
        Assert.True(sessions[0].Completion.IsCompletedSuccessfully);
        var send = world.Send(999, Tracked);
        world.Run(1);
        Assert.True(send.IsCompletedSuccessfully);
    }
}
