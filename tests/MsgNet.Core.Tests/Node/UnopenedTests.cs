using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Datagrams that the driver opens itself, before the node takes them.</summary>
public sealed class UnopenedTests
{
    private readonly NodeNetwork network = new();
    private readonly NodeEvents events = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public UnopenedTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(7)]
    [InlineData(8)]
    [Covers("API-234", "SEC-072", "SEC-080")]
    public void Together_they_do_what_they_do_one_by_one(int seed)
    {
        var together = new Exchange(seed);
        var singly = new Exchange(seed);
        var arrivals = together.MakeArrivals();
        foreach (var arrival in singly.MakeArrivals())
            singly.B.Receive(arrival.From, arrival.Datagram);

        var random = new Random(seed);
        for (var at = 0; at < arrivals.Count;)
        {
            var batch = arrivals.Skip(at).Take(random.Next(1, 20)).ToArray();
            together.B.ReceiveTogether(batch);
            at += batch.Length;
        }

        Assert.NotEmpty(together.B.Texts);
        Assert.Equal(singly.B.Texts, together.B.Texts);
        Assert.Equal(Dropped(singly.B), Dropped(together.B));
        Assert.Equal(
            [DropReason.Malformed, DropReason.NotAuthentic, DropReason.UnknownIndex, DropReason.Replayed],
            Dropped(together.B).Where(one => one.Count > 0).Select(one => one.Reason));
    }

    [Fact]
    [Covers("API-234")]
    public void What_comes_with_the_answer_that_makes_its_keys_is_opened_by_the_node()
    {
        var held = new List<Flight>();
        network.OnSend = flight =>
        {
            flight.IsLost = flight.To == a.Address;
            if (flight.IsLost)
                held.Add(flight);
        };
        a.Dial(b);
        a.Send(b, "/chat", "in the HELLO");
        network.Run(0.1);
        b.Send(a, "/chat", "behind the ACK");
        Assert.Equal(ChannelMessageType.Ack, held[0].Type);
        Assert.Equal(ChannelMessageType.Data, held[^1].Type);

        a.ReceiveTogether([.. held.Select(flight => (flight.From, flight.Datagram))]);
        Assert.Equal(["behind the ACK"], a.Texts);
    }

    [Fact]
    [Covers("API-234", "SEC-079")]
    public void What_was_opened_with_keys_that_went_meanwhile_is_nobodys()
    {
        network.Connect(a, b);
        var last = Hold("too late");
        var before = b.Machine.Counters.Dropped(DropReason.UnknownIndex);
        b.ReceiveTogether([(last.From, last.Datagram)], () => b.Machine.Dispose());
        Assert.Empty(b.Texts);
        Assert.Equal(before + 1, b.Machine.Counters.Dropped(DropReason.UnknownIndex));
    }

    [Fact]
    [Covers("API-234", "SEC-084")]
    public void What_was_opened_while_its_peer_was_closed_is_answered_by_the_close()
    {
        network.Connect(a, b);
        var last = Hold("too late");
        b.ReceiveTogether([(last.From, last.Datagram)], () =>
        {
            b.Close(a, CloseCode.Done); // and this is lost
            network.OnSend = null;
        });
        Assert.Empty(b.Texts);
        network.Run(0.1);
        Assert.Equal(PeerLoss.ClosedByPeer, a.Log.Single(happened => happened.Kind == NodeEventKind.PeerLost).Loss);
    }

    [Fact]
    [Covers("API-234", "SEC-079")]
    public void What_was_opened_when_its_keys_had_become_too_old_is_dropped()
    {
        network.Connect(a, b);
        var datagram = Hold("old").Datagram;
        var before = b.Machine.Counters.Dropped(DropReason.UnknownIndex);
        var packets = Open(datagram);
        b.Machine.OnDatagram(network.Now + NodeTimings.KeysReject, a.Address, datagram, packets[0], events);
        Assert.Equal(0, events.Count);
        Assert.Equal(before + 1, b.Machine.Counters.Dropped(DropReason.UnknownIndex));
    }

    [Fact]
    [Covers("API-234", "SEC-073")]
    public void What_was_opened_with_the_keys_of_one_session_is_not_taken_for_another()
    {
        var c = network.Add("/chat");
        network.Connect(a, b);
        network.Connect(c, b);
        var datagram = Hold("of a").Datagram;
        c.Send(b, "/chat", "of c");
        var other = network.Flights.Last(flight => flight.From == c.Address).Datagram;
        var packets = Open(datagram);
        b.Machine.OnDatagram(network.Now, c.Address, other, packets[0], events);
        Assert.Equal(0, events.Count);
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.UnknownIndex));
    }

    // As far as it happens outside the driver's lock.
    private UnopenedPackets Open(byte[] datagram)
    {
        var packets = new UnopenedPackets();
        b.Machine.LookUp(datagram, packets);
        packets.OpenNext(datagram);
        Assert.True(packets[0].IsAuthentic);
        return packets;
    }

    private static IEnumerable<(DropReason Reason, long Count)> Dropped(TestNode node) =>
        Enum.GetValues<DropReason>().Select(reason => (reason, node.Machine.Counters.Dropped(reason)));

    // The datagram in which a's message would go to b.
    private Flight Hold(string text)
    {
        network.OnSend = flight => flight.IsLost = true;
        a.Send(b, "/chat", text);
        return network.Flights.Last(flight => flight.To == b.Address);
    }

    // Messages of a that have all been sent and not arrived: twice, forged, cut, for nobody, and in any order.
    private sealed class Exchange
    {
        private readonly NodeNetwork network;
        private readonly Random random;
        private readonly TestNode a;

        public Exchange(int seed)
        {
            network = new NodeNetwork(seed);
            random = new Random(seed);
            a = network.Add("/chat");
            B = network.Add("/chat");
        }

        public TestNode B { get; }

        public List<(NetAddress From, byte[] Datagram)> MakeArrivals()
        {
            network.Connect(a, B);
            a.Send(B, "/chat", "known");
            network.Run(1);
            network.OnSend = flight => flight.IsLost = true;
            var before = network.Flights.Count;
            for (var i = 0; i < 60; i++)
                a.Send(B, "/chat", $"message {i}".PadRight(random.Next(10, 700), '.'));

            var sent = network.Flights.Skip(before).Where(flight => flight.To == B.Address).Select(flight => flight.Datagram).ToArray();
            var all = sent.Concat(sent.Where(_ => random.Next(4) == 0)).SelectMany(Meddle).ToArray();
            random.Shuffle(all);
            return [.. all.Select(datagram => (a.Address, datagram))];
        }

        private IEnumerable<byte[]> Meddle(byte[] datagram)
        {
            yield return (byte[])datagram.Clone();
            if (random.Next(6) != 0)
                yield break;

            var forged = (byte[])datagram.Clone();
            forged[random.Next(DataHeader.Length, forged.Length)] ^= 1;
            yield return forged;
            var other = (byte[])datagram.Clone();
            other[DataHeader.IndexOffset] ^= 0x55;
            yield return other;
            yield return datagram[..random.Next(0, DataHeader.Length)];
        }
    }
}
