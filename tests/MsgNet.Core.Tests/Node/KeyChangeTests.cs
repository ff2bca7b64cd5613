using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Keys that change while other things happen to them.</summary>
public class KeyChangeTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public KeyChangeTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Fact]
    [Covers("SEC-080", "SEC-077")]
    public void Forgeries_on_superseded_keys_wipe_those_alone()
    {
        a.Settings = a.Settings with { ForgeriesMax = 100 };
        a.Start();
        a.Handle("/chat");
        network.Connect(a, b);
        network.Run(1);
        var former = a.Peer(b).Sessions.Current!;
        a.Machine.StartRevival(network.Now, a.Peer(b), former, TimeSpan.FromSeconds(5));
        a.Write();
        network.Run(1);
        Assert.Same(former, a.Peer(b).Sessions.Previous);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(former.IsDisposed);
            var forged = new byte[64];
            DataHeader.Write(forged, ChannelMessageType.Data, former.LocalIndex);
            forged[DataHeader.CounterOffset + 1] = 1;
            network.Inject(b.Address, a.Address, forged);
        }

        Assert.True(former.IsDisposed);
        Assert.Null(a.Peer(b).Sessions.Previous);
        a.Send(b, "/chat", "there");
        b.Send(a, "/chat", "and back");
        network.Run(1);
        Assert.Equal(["there"], b.Texts);
        Assert.Equal(["and back"], a.Texts);
        Assert.DoesNotContain(a.Log.Concat(b.Log), happened => happened.Kind == NodeEventKind.PeerLost);
    }

    [Fact]
    [Covers("SEC-079", "SEC-076")]
    public void Both_ends_may_change_keys_at_the_same_moment_and_nothing_is_lost()
    {
        network.Connect(a, b);
        network.Run(1);
        Age(a, b);
        Age(b, a);
        for (var i = 0; i < 100; i++)
        {
            a.Send(b, "/chat", $"{i}");
            b.Send(a, "/chat", $"{i}");
            network.Run(0.004);
        }

        network.Run(3);
        var sent = Enumerable.Range(0, 100).Select(number => $"{number}").ToArray();
        Assert.Equal(sent, a.Texts);
        Assert.Equal(sent, b.Texts);
        Assert.Equal((2, 1), (a.Machine.Counters.HellosSent, b.Machine.Counters.HellosSent));
        Assert.True(a.Peer(b).Sessions.Current!.Keys.Binding.SequenceEqual(b.Peer(a).Sessions.Current!.Keys.Binding));
        Assert.DoesNotContain(a.Log.Concat(b.Log), happened => happened.Kind == NodeEventKind.PeerLost);
    }

    [Fact]
    [Covers("SEC-079")]
    public void An_end_that_has_just_answered_a_change_of_keys_does_not_start_one()
    {
        network.Connect(a, b);
        network.Run(1);
        Age(a, b);
        Age(b, a);
        network.OnSend = flight =>
        {
            if (flight.Type == ChannelMessageType.Ack)
                flight.ExtraDelay = TimeSpan.FromMilliseconds(100);
        };
        a.Send(b, "/chat", "x");
        network.RunUntil(() => b.Peer(a).Sessions.Unconfirmed.Length == 1);
        b.Send(a, "/chat", "y");
        network.Run(1);
        Assert.Equal(0, b.Machine.Counters.HellosSent);
        Assert.True(a.Peer(b).Sessions.Current!.Keys.Binding.SequenceEqual(b.Peer(a).Sessions.Current!.Keys.Binding));
    }

    [Fact]
    [Covers("SEC-057", "SEC-087", "SEC-104", "SEC-041")]
    public void A_restarted_peer_asks_for_a_cookie_and_takes_the_new_lifes_messages_once()
    {
        network.Connect(a, b);
        a.Send(b, "/chat", "before");
        network.Run(1);
        b.Start();
        b.Handle("/chat");
        b.Log.Clear();
        var before = network.Flights.Count;
        a.Send(b, "/chat", "into the void");
        network.RunUntil(() => network.Flights.Skip(before).Any(flight => flight.Type == ChannelMessageType.Hint));
        network.RunUntil(() => a.Machine.Counters.HellosSent > 1);
        a.Request(b, "/chat", "waits for the new keys");
        network.Run(1);
        ChannelMessageType[] order = [.. network.Flights.Skip(before).Select(flight => flight.Type).Distinct()];
        Assert.Equal(
            [ChannelMessageType.Data, ChannelMessageType.Hint, ChannelMessageType.Hello, ChannelMessageType.Retry, ChannelMessageType.Ack],
            order);
        var hellos = network.Flights.Skip(before).Where(flight => flight.Type == ChannelMessageType.Hello).ToArray();
        Assert.Equal([false, true], hellos.Select(flight => RawResponder.Parse(flight).HasMac2));
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.OutsideWindow));
        Assert.Single(a.Log, happened => happened.Loss == PeerLoss.PeerRestarted && happened.Kind == NodeEventKind.PeerLost);
        Assert.Empty(b.Texts);
        Assert.InRange(b.Requests.Count(), 0, 1);
        a.Send(b, "/chat", "after");
        network.Run(1);
        Assert.Equal(["after"], b.Texts);
    }

    private static void Age(TestNode node, TestNode peer) => node.Peer(peer).Sessions.Current!.MakeOlder(TimeSpan.FromSeconds(170));
}
