using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Attempts to reach a peer with several addresses.</summary>
public class RacingTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public RacingTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    private IEnumerable<Flight> Hellos => network.Flights.Where(flight => flight.Type == ChannelMessageType.Hello);

    [Fact]
    [Covers("SEC-043", "SEC-031", "SEC-033")]
    public void The_second_address_is_tried_250_ms_after_the_first_by_an_image_of_its_own()
    {
        network.OnSend = flight => flight.IsLost = true;
        var start = network.Now;
        a.Dial(b, TimeSpan.FromSeconds(10), b.Address, Dead(1));
        a.Send(b, "/chat", "x");
        network.Run(9);

        var here = Hellos.Where(flight => flight.To == b.Address).ToArray();
        var there = Hellos.Where(flight => flight.To == Dead(1)).ToArray();
        Assert.Equal(start, here[0].SentAt);
        Assert.Equal(250, (there[0].SentAt - start).TotalMilliseconds);
        double[] nominal = [300, 600, 1200, 2400];
        foreach (var lane in new[] { here, there })
        {
            for (var i = 0; i < nominal.Length; i++)
                Assert.InRange((lane[i + 1].SentAt - lane[i].SentAt).TotalMilliseconds, nominal[i] * 0.9, nominal[i] * 1.1);
            Assert.Equal(lane[0].Datagram, lane[2].Datagram);
            Assert.NotEqual(lane[2].Datagram, lane[3].Datagram);
        }

        Assert.False(RawResponder.Parse(here[0]).Ephemeral.SequenceEqual(RawResponder.Parse(there[0]).Ephemeral));
        Assert.NotEqual(RawResponder.Parse(here[0]).SenderIndex, RawResponder.Parse(there[0]).SenderIndex);
        Assert.All(Hellos, hello => Assert.Equal(here[0].Frames, hello.Frames));
    }

    [Fact]
    [Covers("SEC-043", "SEC-059")]
    public void The_first_ACK_wins_the_rest_is_forgotten_and_nothing_comes_twice()
    {
        var second = Dead(1);
        network.OnSend = flight =>
        {
            // Both addresses are b's; the answers to the first are slow.
            if (flight.To == second)
                flight.To = b.Address;
            else if (flight.Type == ChannelMessageType.Ack && network.Flights.Count(sent => sent.Type == ChannelMessageType.Ack) == 1)
                flight.ExtraDelay = TimeSpan.FromMilliseconds(270);
        };
        a.Dial(b, TimeSpan.FromSeconds(10), b.Address, second);
        a.Send(b, "/chat", "x");
        network.Run(5);
        Assert.Equal(["x"], b.Texts);
        Assert.Equal(2, b.Machine.Counters.HandshakesAnswered);
        Assert.Equal(1, a.Machine.Counters.SessionsEstablished);
        Assert.True(a.Peer(b).IsReady && b.Peer(a).IsReady);
        Assert.All(Hellos, hello => Assert.False(a.Machine.Initiator.IsPending(RawResponder.Parse(hello).SenderIndex)));
        Assert.Equal(1, a.Machine.Counters.Dropped(DropReason.UnknownIndex));
        a.Send(b, "/chat", "y");
        network.Run(1);
        Assert.Equal(["x", "y"], b.Texts);
    }

    [Fact]
    [Covers("SEC-036", "SEC-043")]
    public void The_newest_and_the_previous_image_of_each_address_may_be_answered_and_no_other()
    {
        using var responder = new RawResponder(network.Now, 7);
        var second = Dead(1);
        for (var answered = 0; answered < 6; answered++)
        {
            var node = network.Add("/chat");
            var before = network.Flights.Count;
            Assert.True(node.Machine.TryGetPeer(network.Now, responder.Id, out var peer));
            node.Machine.Dial(network.Now, peer, [responder.Address, second], TimeSpan.FromSeconds(20));
            node.Write();
            network.Run(11);
            var images = network.Flights.Skip(before).DistinctBy(flight => Convert.ToHexString(flight.Datagram)).ToArray();
            Assert.Equal(6, images.Length);
            network.Inject(responder.Address, node.Address, responder.Accept(network.Now, images[answered], out _));
            Assert.Equal(answered >= 2, peer.IsReady);
            network.Remove(node);
        }
    }

    [Theory]
    [InlineData(3)]
    [InlineData(8)]
    [InlineData(20)]
    [InlineData(32)]
    [Covers("SEC-043", "SEC-035")]
    public void All_addresses_get_their_turn_two_at_a_time(int count)
    {
        network.OnSend = flight => flight.IsLost = true;
        var addresses = Enumerable.Range(1, count).Select(Dead).ToArray();
        a.Dial(b, TimeSpan.FromSeconds(10), addresses);
        a.Write();
        network.RunUntil(() => a.Count(NodeEventKind.DialFailed) == 1, seconds: 11);

        var tried = Assert.IsType<(NetAddress Address, int Sends)[]>(a.Log[^1].State);
        Assert.Equal(addresses, tried.Select(target => target.Address));
        Assert.All(tried, target => Assert.Equal(Hellos.Count(hello => hello.To == target.Address), target.Sends));
        Assert.All(tried, target => Assert.True(target.Sends > 0));
        if (count <= 8)
            Assert.All(tried, target => Assert.True(target.Sends >= 3));

        // An image belongs to one address and is sent three times at most; of any three images in a row, at most two addresses alternate.
        foreach (var image in Hellos.GroupBy(flight => Convert.ToHexString(flight.Datagram)))
        {
            Assert.InRange(image.Count(), 1, 3);
            Assert.Single(image.Select(flight => flight.To).Distinct());
        }

        Assert.InRange(MostAtOnce(), 2, 2);
    }

    [Fact]
    [Covers("SEC-043")]
    public void A_live_address_behind_dead_ones_is_reached()
    {
        a.Dial(b, TimeSpan.FromSeconds(10), Dead(1), Dead(2), Dead(3), Dead(4), b.Address);
        a.Send(b, "/chat", "x");
        network.RunUntil(() => a.Peer(b).IsReady);
        Assert.Equal(["x"], b.Texts);
        network.Run(20);
        Assert.DoesNotContain(Hellos, hello => hello.SentAt > network.Now - TimeSpan.FromSeconds(15));
    }

    [Theory]
    [InlineData(10, 100)]
    [InlineData(200, 800)]
    [Covers("SEC-032")]
    public void Where_the_round_trip_is_known_the_first_repetition_comes_after_twice_that(int delay, int expected)
    {
        network.OnSend = flight => flight.ExtraDelay = TimeSpan.FromMilliseconds(delay - 10);
        network.Connect(a, b);
        network.Run(1);
        network.OnSend = flight => flight.IsLost = true;
        a.Send(b, "/chat", "lost");
        network.Run(30);
        var hellos = Hellos.Where(flight => flight.IsLost).ToArray();
        Assert.InRange((hellos[1].SentAt - hellos[0].SentAt).TotalMilliseconds, expected * 0.9, expected * 1.1);
        var next = Math.Max(600, expected);
        Assert.InRange((hellos[2].SentAt - hellos[1].SentAt).TotalMilliseconds, next * 0.9, next * 1.1);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [Covers("SEC-044", "SEC-059", "LANE-062")]
    public void An_attempt_at_dead_addresses_goes_on_where_the_peer_dials_from(int addresses)
    {
        a.Dial(b, TimeSpan.FromSeconds(10), [.. Enumerable.Range(1, addresses).Select(Dead)]);
        a.Send(a.OpenLane(b), "reliable");
        a.Send(b, "/chat", "waits");
        network.Run(3);
        Assert.Empty(b.Taken);

        b.Dial(a);
        b.Send(a, "/chat", "hello");
        network.Run(0.15);
        Assert.Equal(["reliable"], b.LaneTexts);
        Assert.Equal(["waits"], b.Texts);
        Assert.Equal(["hello"], a.Texts);
        Assert.False(a.Peer(b).IsConnecting);

        network.Run(20);
        Assert.Equal(["reliable"], b.LaneTexts);
        Assert.Equal(["waits"], b.Texts);
        Assert.DoesNotContain(Hellos, flight => flight.SentAt > network.Now - TimeSpan.FromSeconds(20));
    }

    [Fact]
    [Covers("SEC-044", "SEC-081")]
    public void It_asks_no_address_that_is_not_proven()
    {
        a.Dial(b, TimeSpan.FromSeconds(10), Dead(1));
        a.Send(a.OpenLane(b), "reliable");
        network.Run(3);
        var from = b.Address;
        network.OnSend = flight =>
        {
            // b's first DATA, which proves the keys, comes from elsewhere than its HELLO.
            if (flight.From == from && flight.Type == ChannelMessageType.Data)
                flight.From = Dead(7);
        };
        b.Dial(a);
        b.Send(a, "/chat", "hello");
        network.Run(0.1);
        Assert.True(a.Peer(b).IsReady);
        Assert.DoesNotContain(Hellos, flight => flight.To == from && flight.From == a.Address);
    }

    private static NetAddress Dead(int number) => NetAddress.From(new System.Net.IPAddress([10, 0, 9, (byte)number]), 9, 0);

    // How many addresses were between their first and last HELLO of one image at the same time.
    private int MostAtOnce()
    {
        var spans = Hellos
            .GroupBy(flight => Convert.ToHexString(flight.Datagram))
            .Select(image => (First: image.Min(flight => flight.SentAt.Ticks), Last: image.Max(flight => flight.SentAt.Ticks)))
            .ToArray();
        return spans.Max(span => spans.Count(other => other.First <= span.First && span.First <= other.Last));
    }
}
