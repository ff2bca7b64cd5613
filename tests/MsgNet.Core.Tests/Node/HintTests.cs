using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>HINT: a peer that has lost its keys is found at once, and whoever forges one gains nothing.</summary>
public class HintTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public HintTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("SEC-087", "SEC-104")]
    public void A_peer_that_restarted_in_silence_is_found_within_a_few_round_trips(bool diallerStays)
    {
        network.Connect(a, b);
        var (stays, restarts) = diallerStays ? (a, b) : (b, a);
        stays.Send(restarts, "/chat", "before");
        network.Run(1);
        restarts.Start();
        restarts.Handle("/chat");
        var start = network.Now;
        stays.Request(restarts, "/chat", "of the old life", seconds: 60);
        network.RunUntil(() => stays.Count(NodeEventKind.RequestFailed) == 1);
        Assert.Equal(PeerLoss.PeerRestarted, stays.Log.Last(happened => happened.Kind == NodeEventKind.RequestFailed).Loss);
        stays.Request(restarts, "/chat", "of the new life");
        network.RunUntil(() => stays.Replies.Any());

        // DATA, HINT, HELLO, ACK, request, reply, at 10 ms each; a RETRY of the start rule may come between.
        Assert.InRange((network.Now - start).TotalMilliseconds, 60, 100);
        Assert.Single(network.Flights, flight => flight.Type == ChannelMessageType.Hint);
        Assert.Single(restarts.Requests, request => request.Text == "of the new life");
        Assert.DoesNotContain(restarts.Requests, request => request.Text == "of the old life");
    }

    [Fact]
    [Covers("SEC-087")]
    public void A_HINT_echoes_index_and_counter_of_DATA_alone()
    {
        network.Connect(a, b);
        network.Run(1);
        var before = network.Flights.Count;
        var data = Data(0x11223344, 0x8877_6655_4433_2211);
        foreach (var type in (byte[])[4, 5, 6, 7, 9, 10, 11])
        {
            foreach (var length in (int[])[16, 32, 52, 64, 200])
            {
                var other = new byte[length];
                data.AsSpan(0, 16).CopyTo(other);
                other[0] = type;
                network.Inject(a.Address, b.Address, other);
            }
        }

        network.Inject(a.Address, b.Address, data[..31]);
        var known = Data(a.Peer(b).Sessions.Current!.RemoteIndex, 0);
        network.Inject(a.Address, b.Address, known);
        known[8] = 200;
        network.Inject(a.Address, b.Address, known);
        Assert.DoesNotContain(network.Flights.Skip(before), flight => flight.Type == ChannelMessageType.Hint);
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.Replayed));

        before = network.Flights.Count;
        network.Inject(a.Address, b.Address, data);
        var hint = Assert.Single(network.Flights.Skip(before));
        Assert.Equal(a.Address, hint.To);
        Assert.Equal("09010000443322111122334455667788", Convert.ToHexStringLower(hint.Datagram));
    }

    [Fact]
    [Covers("SEC-087")]
    public void DATA_that_overtakes_its_ACK_gets_no_HINT()
    {
        network.OnSend = flight =>
        {
            if (flight.Type == ChannelMessageType.Ack)
                flight.ExtraDelay = TimeSpan.FromMilliseconds(5);
        };
        a.Dial(b);
        a.Request(b, "/chat", "answered in the first DATA");
        network.Run(1);
        Assert.Equal(1, a.Machine.Counters.Dropped(DropReason.UnknownIndex));
        Assert.DoesNotContain(network.Flights, flight => flight.Type == ChannelMessageType.Hint);
        Assert.Single(a.Replies);
    }

    [Fact]
    [Covers("SEC-087")]
    public void HINTs_keep_to_one_a_second_for_each_port_and_a_thousand_in_all()
    {
        var data = Data(1, 1);
        for (var i = 0; i < 35; i++)
        {
            network.Inject(Stranger(1, 7), b.Address, data);
            network.Inject(Stranger(1, 8), b.Address, data);
            network.Run(0.1);
        }

        Assert.Equal(8, network.Flights.Count);
        var start = network.Flights.Count;
        for (var i = 0; i < 20_000; i++)
        {
            network.Inject(Stranger(2 + (i / 250), 1 + (i % 250)), b.Address, data);
            if (i % 10 == 9)
                network.Run(0.001);
        }

        // 20,000 ask in 2 s.
        Assert.InRange(network.Flights.Count - start, 1_900, 2_000 + Limits.LooseRepliesMax);
        Assert.All(network.Flights, flight => Assert.Equal(ChannelMessageType.Hint, flight.Type));
    }

    [Theory]
    [InlineData(0, 0, 0, true)]
    [InlineData(1, 0, 0, false)]
    [InlineData(0, 1, 0, false)]
    [InlineData(0, 0, 8_191, true)]
    [InlineData(0, 0, 8_192, false)]
    [InlineData(0, 0, -1, false)]
    [Covers("SEC-087")]
    public void A_HINT_counts_only_for_the_index_address_and_counters_in_use(int index, int address, int behind, bool counts)
    {
        network.Connect(a, b);
        network.Run(1);
        var session = a.Peer(b).Sessions.Current!;
        while (session.Keys.Sealing.NextCounter < 8_300)
            session.Keys.Sealing.Take();

        var from = b.Address with { Port = (ushort)(b.Address.Port + address) };
        var newest = session.Keys.Sealing.NextCounter - 1;
        Hint(from, session.RemoteIndex + (uint)index, newest - (ulong)behind);
        Assert.Equal(counts ? 1 : 0, Hellos() - 1);
        Assert.Equal(counts ? 0 : 1, a.Machine.Counters.Dropped(DropReason.UnknownHint));
        Assert.Same(session, a.Peer(b).Sessions.Current);
    }

    [Fact]
    [Covers("SEC-087")]
    public void A_hundred_thousand_forged_HINTs_cost_a_HELLO_each_5_s_and_tear_nothing_down()
    {
        network.Connect(a, b);
        var start = network.Now;
        var sent = 0;
        for (var i = 0; i < 100_000; i++)
        {
            var session = a.Peer(b).Sessions.Current!;
            Hint(b.Address, session.RemoteIndex, session.Keys.Sealing.NextCounter - 1);
            if (i % 1_000 != 0)
                continue;

            a.Send(b, "/chat", $"{sent++}");
            network.Run(0.31);
        }

        network.Run(1);
        Assert.InRange((network.Now - start).TotalSeconds, 30, 35);
        Assert.InRange(Hellos() - 1, 6, 7);
        Assert.Equal(Enumerable.Range(0, sent).Select(number => $"{number}"), b.Texts);
        Assert.Equal(0, a.Count(NodeEventKind.PeerLost) + b.Count(NodeEventKind.PeerLost));
    }

    [Fact]
    [Covers("SEC-087")]
    public void A_HINT_about_keys_that_are_no_longer_sent_under_is_ignored()
    {
        network.Connect(a, b);
        var former = a.Peer(b).Sessions.Current!;
        Hint(b.Address, former.RemoteIndex, former.Keys.Sealing.NextCounter - 1);
        network.Run(6);
        Assert.NotSame(former, a.Peer(b).Sessions.Current);
        var hellos = Hellos();
        Hint(b.Address, former.RemoteIndex, former.Keys.Sealing.NextCounter - 1);
        Assert.Equal(hellos, Hellos());
        Assert.Equal(1, a.Machine.Hints.Count);
        a.Close(b, CloseCode.Done);
        Assert.Equal(0, a.Machine.Hints.Count);
    }

    [Fact]
    [Covers("SEC-087", "SEC-081")]
    public void A_HINT_from_an_address_that_nobody_has_proven_starts_nothing()
    {
        using var door = new Door();
        var raw = door.Peer(1);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
        raw.Accept(door.Sent[^1].Datagram);
        door.Throw(Door.Address(2), raw.Data([]));
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer) && peer.IsReady);
        var hint = new byte[HintMessage.Length];
        new HintMessage(raw.Index, peer.Sessions.Current!.Keys.Sealing.NextCounter - 1).Write(hint);
        door.Throw(raw.Address, hint);
        Assert.Equal(0, door.Counters.HellosSent);
        Assert.Equal(1, door.Counters.Dropped(DropReason.UnknownHint));

        door.Throw(raw.Address, raw.Data([]));
        door.Throw(raw.Address, hint);
        Assert.Equal(1, door.Counters.HellosSent);
    }

    private static byte[] Data(uint index, ulong counter)
    {
        var datagram = new byte[48];
        DataHeader.Write(datagram, ChannelMessageType.Data, index);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt64LittleEndian(datagram.AsSpan(DataHeader.CounterOffset), counter);
        return datagram;
    }

    private static NetAddress Stranger(int third, int last) =>
        NetAddress.From(new System.Net.IPAddress([172, 16, (byte)third, 1]), last, 0);

    private int Hellos() => network.Flights.Count(flight => flight.Type == ChannelMessageType.Hello);

    private void Hint(NetAddress from, uint index, ulong counter)
    {
        var datagram = new byte[HintMessage.Length];
        new HintMessage(index, counter).Write(datagram);
        network.Inject(from, a.Address, datagram);
    }
}
