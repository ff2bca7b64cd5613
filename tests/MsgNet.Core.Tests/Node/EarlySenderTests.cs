using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What an initiator sends as EARLY, where to and how often.</summary>
public sealed class EarlySenderTests : IDisposable
{
    private static readonly ProtocolId Chat = ProtocolId.FromString("/chat");
    private readonly NodeNetwork network = new();
    private readonly RawResponder responder;
    private readonly TestNode a;
    private readonly TestNode b;

    public EarlySenderTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        responder = new RawResponder(network.Now, 7);
    }

    private Flight[] Early => Of(ChannelMessageType.Early);

    private Flight[] Hellos => Of(ChannelMessageType.Hello);

    public void Dispose() => responder.Dispose();

    [Fact]
    [Covers("SEC-042", "SEC-074", "SEC-066")]
    public void A_burst_before_the_ACK_arrives_after_one_one_way_trip()
    {
        network.OnSend = flight => flight.ExtraDelay = TimeSpan.FromMilliseconds(190);
        var start = network.Now;
        a.Dial(b);
        for (var i = 0; i < 20; i++)
            a.Send(b, "/chat", $"small {i}");
        for (var i = 0; i < 8; i++)
            a.Send(b, "/chat", Full(i));

        Assert.Equal(1 + a.Machine.Counters.EarlySent, network.Flights.Count);
        Assert.True(Early.Sum(flight => flight.Datagram.Length) <= 12_000);
        network.RunUntil(() => b.Messages.Count() == 28);
        Assert.Equal(TimeSpan.FromMilliseconds(200), network.Now - start);
        Assert.All(b.Messages, message => Assert.True(message.Early));
        Assert.Equal(Enumerable.Range(0, 20).Select(i => $"small {i}"), b.Texts.Take(20));
        Assert.Equal(a.Machine.Counters.EarlySent, b.Machine.Counters.EarlyReceived);

        network.Run(5);
        Assert.Equal(28, b.Messages.Count());
        a.Send(b, "/chat", "later");
        network.Run(1);
        Assert.False(b.Messages.Last().Early);
    }

    [Theory]
    [InlineData(40, 10, 32, 33)]
    [InlineData(20, 1_100, 10, 10)] // the first does not fit the HELLO
    [Covers("SEC-042", "SEC-040")]
    public void At_most_32_packets_and_12000_bytes_go_early_and_the_rest_waits_for_the_ACK(int messages, int length, int packets, int early)
    {
        a.Dial(b);
        for (var i = 0; i <= messages; i++)
            a.Send(b, "/chat", new byte[length]);

        Assert.Equal(packets, Early.Length);
        Assert.InRange(Early.Sum(flight => flight.Datagram.Length), 1, 12_000);
        network.Run(0.25); // no HELLO was repeated
        Assert.Equal(packets, Early.Length);
        Assert.Equal(messages + 1, b.Messages.Count());
        Assert.Equal(early, b.Messages.Count(message => message.Early));
    }

    [Fact]
    [Covers("SEC-075", "SEC-042", "SEC-040")]
    public void A_message_that_may_not_go_early_waits_and_so_does_what_stands_behind_it()
    {
        a.Dial(b);
        foreach (var (text, allowEarly) in new[] { ("0", true), ("1", true), ("2", false), ("3", true) })
            a.Send(b, "/chat", text, allowEarly);
        Assert.Single(Early);
        network.Run(1);
        Assert.Equal(["0", "1", "2", "3"], b.Texts);
        Assert.Equal([true, true, false, false], b.Messages.Select(message => message.Early));
    }

    [Fact]
    [Covers("SEC-075")]
    public void Neither_do_its_pieces_go_in_a_HELLO_or_EARLY()
    {
        using var pool = new FramePacker(new BufferPool(poison: false), new NodeCounters(), new PacketItems());
        var association = Association.Create(new SeededRandom(1), 1, new NodeCounters());
        Assert.Equal(NameStatus.Ready, association.OutgoingNames.Open(network.Now, Chat, out var name));
        foreach (var allowEarly in new[] { false, true })
            Assert.True(pool.Messages.TryEnqueue(network.Now, name!, new byte[3_000], allowEarly, alone: false));

        Assert.True(Fill(pool, association, early: false)); // the first piece of the first leaves
        Assert.False(Fill(pool, association, early: true));
        while (pool.Messages.Count > 0)
            Assert.True(Fill(pool, association, early: false));
        Assert.True(Fill(pool, association, early: true)); // the second's may
    }

    [Fact]
    [Covers("SEC-042", "SEC-023", "SEC-071", "SEC-041")]
    public void After_a_RETRY_all_are_sealed_again_in_their_order_under_the_new_image()
    {
        Dial(responder.Address);
        foreach (var text in new[] { "1", "2", "3" })
            Say(text);
        var before = Early;
        Assert.Equal(3, before.Length);
        network.Inject(responder.Address, a.Address, responder.Retry(network.Now, Hellos[0]));
        var after = Early[3..];
        AssertSame(before, after);
        Assert.Equal([ChannelMessageType.Hello, .. after.Select(_ => ChannelMessageType.Early)],
            network.Flights.Skip(4).Select(flight => flight.Type));

        // Each opens under its own image's key.
        var ack = responder.Accept(network.Now, Hellos[1], out _, out var key);
        foreach (var flight in after)
            Assert.True(key.TryOpen((byte[])flight.Datagram.Clone(), out _, out _));
        Assert.False(key.TryOpen((byte[])before[0].Datagram.Clone(), out _, out _));
        key.Dispose();

        // The ACK ends it.
        network.Inject(responder.Address, a.Address, ack);
        Say("4");
        Assert.Equal(6, Early.Length);
    }

    [Fact]
    [Covers("SEC-042", "SEC-033")]
    public void They_follow_every_HELLO_the_same_bytes_for_the_same_image()
    {
        Dial(responder.Address);
        Say("1");
        Say("2");
        network.Run(5);
        Assert.True(Hellos.Length >= 5);
        Assert.Equal(Hellos.Length * 2, Early.Length);
        foreach (var (number, hello) in Hellos.Index())
        {
            AssertFollows(hello, 2);
            var same = Hellos[..number].ToList().FindIndex(earlier => earlier.Datagram.SequenceEqual(hello.Datagram));
            var (mine, first) = (Early[(number * 2)..((number * 2) + 2)], Early[..2]);
            if (same >= 0)
                Assert.Equal(Early[same * 2].Datagram, mine[0].Datagram);
            else if (number > 0)
                AssertSame(first, mine);
        }
    }

    [Fact]
    [Covers("SEC-042", "SEC-043")]
    public void Both_addresses_of_a_race_get_them_under_their_own_images()
    {
        var elsewhere = NetAddress.From(new System.Net.IPAddress([10, 0, 3, 1]), 1, 0);
        Dial(elsewhere, responder.Address);
        Say("1");
        network.Run(0.26);
        Say("2");
        var here = Early.Where(flight => flight.To == responder.Address).ToArray();
        AssertSame(Early.Where(flight => flight.To == elsewhere).ToArray(), here);
        Assert.Equal(2, here.Length);
        network.Inject(responder.Address, a.Address, responder.Accept(network.Now, Hellos[1], out _, out var key));
        Assert.All(here, flight => Assert.True(key.TryOpen((byte[])flight.Datagram.Clone(), out _, out _)));
        key.Dispose();
    }

    [Fact]
    [Covers("SEC-042")]
    public void A_handshake_that_renews_keys_sends_none()
    {
        network.Connect(a, b);
        network.OnSend = flight => flight.IsLost = true;
        a.Send(b, "/chat", "unheard");
        network.RunUntil(() => a.Peer(b).IsConnecting, seconds: 20);
        for (var i = 0; i < 20; i++)
        {
            a.Send(b, "/chat", new byte[1_000]);
            network.Run(0.2);
        }

        Assert.True(Hellos.Length > 2);
        Assert.Empty(Early);
    }

    [Fact]
    [Covers("SEC-042", "SEC-039")]
    public void Lost_with_their_HELLO_they_arrive_with_the_next()
    {
        network.OnSend = flight => flight.IsLost = network.Now < Instant.Zero + TimeSpan.FromSeconds(104);
        a.Dial(b);
        for (var i = 0; i < 10; i++)
            a.Send(b, "/chat", $"{i}");
        network.RunUntil(() => b.Messages.Count() == 10);
        network.Run(5);
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), b.Texts);
    }

    [Fact]
    [Covers("SEC-066", "SEC-042", "REQ-004")]
    public void Loss_doubling_and_disorder_deliver_nothing_twice()
    {
        var (arrived, early) = (0, 0);
        for (var seed = 1; seed <= 200; seed++)
        {
            var random = new Random(seed);
            var net = new NodeNetwork(seed) { OnSend = flight => Meddle(flight, random) };
            var (from, to) = (net.Add("/chat"), net.Add("/chat"));
            from.Dial(to, TimeSpan.FromSeconds(10), NetAddress.From(new System.Net.IPAddress([10, 0, 3, 1]), 1, 0), to.Address);
            for (var i = 0; i < 30; i++)
            {
                from.Send(to, "/chat", $"{i} {new string('x', random.Next(600))}");
                if (i % 10 == 0)
                    from.Request(to, "/chat", $"{i}");
                net.Run(random.NextDouble() / 30);
            }

            net.Run(30);
            Assert.Equal(to.Texts.Distinct().Count(), to.Texts.Count());
            Assert.Equal(to.Requests.Distinct().Count(), to.Requests.Count());
            arrived += to.Messages.Count();
            early += to.Messages.Count(message => message.Early);
        }

        Assert.True(arrived > 200 * 15 && early > 200 * 5, $"{arrived} arrived, {early} of them early.");
    }

    private static void Meddle(Flight flight, Random random)
    {
        flight.IsLost = random.NextDouble() < 0.3;
        flight.Copies = random.NextDouble() < 0.5 ? 2 : 1;
        flight.ExtraDelay = TimeSpan.FromMilliseconds(random.Next(120));
    }

    private static byte[] Full(int number)
    {
        var message = new byte[1_140];
        message.AsSpan().Fill((byte)('a' + number));
        return message;
    }

    private bool Fill(FramePacker packer, Association association, bool early)
    {
        const int room = Limits.DatagramSizeMin - Limits.SealOverhead;
        var writer = new WireWriter(new byte[room]);
        return packer.Fill(network.Now, ref writer, association, new PackingTerms(room, room, TimeSpan.FromSeconds(1), early));
    }

    private void Dial(params NetAddress[] addresses)
    {
        Assert.True(a.Machine.TryGetPeer(network.Now, responder.Id, out var peer));
        a.Machine.Dial(network.Now, peer, addresses, TimeSpan.FromSeconds(10));
        Say("0");
    }

    private void Say(string text)
    {
        Assert.True(a.Machine.TryFindPeer(responder.Id, out var peer));
        Assert.Equal(SendStatus.Accepted, a.Machine.TrySend(network.Now, peer, Chat, System.Text.Encoding.UTF8.GetBytes(text), true));
        a.Write();
    }

    private Flight[] Of(ChannelMessageType type) => [.. network.Flights.Where(flight => flight.Type == type)];

    // Other bytes, but the same frames under the same counters.
    private static void AssertSame(Flight[] before, Flight[] after)
    {
        Assert.Equal(before.Length, after.Length);
        for (var i = 0; i < before.Length; i++)
        {
            Assert.Equal(before[i].Frames, after[i].Frames);
            Assert.NotEqual(before[i].Datagram, after[i].Datagram);
            Assert.True(DataHeader.TryParse(after[i].Datagram, out var header));
            Assert.Equal((ulong)i, header.Counter);
        }
    }

    private void AssertFollows(Flight hello, int count)
    {
        var index = RawResponder.Parse(hello).SenderIndex;
        foreach (var next in network.Flights.Skip(hello.Number).SkipWhile(flight => flight.Type != ChannelMessageType.Early).Take(count))
        {
            Assert.Equal(hello.To, next.To);
            Assert.True(DataHeader.TryParse(next.Datagram, out var header));
            Assert.Equal(index, header.Index);
        }
    }
}
