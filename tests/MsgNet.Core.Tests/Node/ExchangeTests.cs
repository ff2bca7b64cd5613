using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Messages between two nodes whose network loses nothing.</summary>
public class ExchangeTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public ExchangeTests()
    {
        a = network.Add("/chat", "/echo");
        b = network.Add("/chat", "/echo");
    }

    [Fact]
    [Covers("SEC-011", "SEC-012", "SEC-038", "SEC-074", "MP-038", "MP-039")]
    public void The_first_message_rides_in_the_HELLO_and_later_ones_go_by_number()
    {
        a.Dial(b);
        Assert.Equal(SendStatus.Accepted, a.Send(b, "/chat", "one"));
        Assert.Equal(ChannelMessageType.Hello, Assert.Single(network.Flights).Type);
        Assert.True(network.Flights[0].Has(FrameType.Init));
        network.RunUntil(() => a.Peer(b).IsReady && b.Peer(a).IsReady);

        var first = Assert.Single(b.Messages);
        Assert.Equal("one", first.Text);
        Assert.True(first.Early);
        Assert.Equal(ChannelMessageType.Ack, network.Flights[1].Type);
        Assert.True(network.Flights[1].Has(FrameType.Ack));
        Assert.Equal(ChannelMessageType.Data, network.Flights[2].Type);
        Assert.Empty(network.Flights[2].Frames);
        Assert.Equal(1, a.Count(NodeEventKind.ProtocolConfirmed));
        Assert.Equal(1, a.Count(NodeEventKind.PeerReady));
        Assert.Equal(1, b.Count(NodeEventKind.PeerReady));

        a.Send(b, "/chat", "two");
        b.Send(a, "/chat", "three");
        network.Run(0.1);
        Assert.True(network.Flights[3].Has(FrameType.Continuation));
        Assert.True(network.Flights[4].Has(FrameType.Init));
        Assert.Equal(["one", "two"], b.Texts);
        Assert.Equal(["three"], a.Texts);
        Assert.False(b.Messages.Last().Early);
        Assert.Equal(a.Peer(b).Binding, b.Peer(a).Binding);
    }

    [Fact]
    [Covers("SEC-022")]
    public void Both_ends_know_the_session_by_the_same_binding_and_another_pair_by_another()
    {
        var c = network.Add("/chat");
        Connect(a, b);
        Connect(a, c);
        Assert.True(a.Peer(b).Binding.SequenceEqual(b.Peer(a).Binding));
        Assert.True(a.Peer(c).Binding.SequenceEqual(c.Peer(a).Binding));
        Assert.False(a.Peer(b).Binding.SequenceEqual(a.Peer(c).Binding));
        Assert.Equal(32, a.Peer(b).Binding.Length);
    }

    [Fact]
    [Covers("SEC-075", "SEC-040")]
    public void A_message_that_may_not_be_early_waits_for_DATA()
    {
        a.Dial(b);
        a.Send(b, "/chat", "late", allowEarly: false);
        a.Send(b, "/chat", "behind it");
        network.Run(1);
        Assert.Empty(network.Flights[0].Frames);
        Assert.Equal(["late", "behind it"], b.Texts);
        Assert.All(b.Messages, message => Assert.False(message.Early));
    }

    [Fact]
    [Covers("REC-006", "REC-009", "REC-010", "REC-021", "REC-023")]
    public void One_message_is_reported_within_5_ms_and_a_report_is_not()
    {
        Connect(a, b);
        a.Send(b, "/chat", "name");
        network.Run(2);
        Assert.Equal(20, a.Peer(b).RoundTrip.TotalMilliseconds, 1.0);
        var before = network.Flights.Count;
        a.Send(b, "/chat", "x");
        network.Run(1);
        var later = network.Flights.Skip(before).ToArray();
        Assert.Equal(2, later.Length);
        Assert.Equal(FrameType.Report, Assert.Single(later[1].FrameList()).Type);
        Assert.Equal(15, (later[1].SentAt - later[0].SentAt).TotalMilliseconds, 0.1);
    }

    [Fact]
    [Covers("REC-008", "REC-063")]
    public void Messages_share_a_datagram_as_long_as_they_fit()
    {
        Connect(a, b);
        network.Run(1);
        var before = network.Flights.Count;
        for (var i = 0; i < 100; i++)
        {
            var status = a.Machine.TrySend(network.Now, a.Peer(b), ProtocolId.FromString("/chat"), new byte[50], allowEarly: true);
            Assert.Equal(SendStatus.Accepted, status);
        }

        a.Write();
        network.Run(1);
        Assert.Equal(100, b.Messages.Count());
        var sent = network.Flights.Skip(before).Where(flight => flight.From == a.Address && flight.Datagram.Length is > 100 and <= 1_200);
        var sizes = sent.Select(flight => flight.Datagram.Length).ToArray();
        Assert.InRange(sizes.Length, 6, 7);
        Assert.InRange(sizes[0], 1140, 1200);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1_000)]
    [InlineData(1_163)]
    [InlineData(1_164)]
    [InlineData(20_000)]
    [InlineData(65_535)]
    [Covers("MP-051", "MP-052", "MP-053", "REC-064")]
    public void Messages_of_every_size_arrive_whole_both_ways(int length)
    {
        Connect(a, b);
        a.Send(b, "/chat", "name");
        b.Send(a, "/chat", "name");
        network.Run(1);
        var data = Bytes(length);
        var before = network.Flights.Count;
        a.Send(b, "/chat", data);
        network.Run(2);
        Assert.Equal(data, b.Messages.Last().Data);
        Assert.Equal(length > 1_163, network.Flights.Skip(before).Any(flight => flight.Has(FrameType.Fragment)));
        b.Send(a, "/chat", data);
        network.Run(2);
        Assert.Equal(data, a.Messages.Last().Data);
        Assert.All(network.Flights, flight => Assert.InRange(flight.Datagram.Length, 32, Limits.DatagramSizeMax));
    }

    [Theory]
    [InlineData(1_020)]
    [InlineData(1_100)]
    [InlineData(1_200)]
    [InlineData(65_535)]
    [Covers("SEC-012", "MP-051", "MP-053")]
    public void A_large_first_message_begins_in_the_HELLO_and_ends_in_DATA(int length)
    {
        var data = Bytes(length);
        a.Dial(b);
        a.Send(b, "/chat", data);
        network.Run(3);
        Assert.Equal(data, Assert.Single(b.Messages).Data);
        var hello = network.Flights[0];
        Assert.InRange(hello.Datagram.Length, HelloMessage.Overhead, Limits.HelloSizeMax);
        Assert.Equal(length <= 1_024, hello.Has(FrameType.Init));
        Assert.Equal(length > 1_163, hello.Has(FrameType.Fragment));
    }

    [Fact]
    [Covers("MP-034")]
    public void A_257th_name_is_refused_locally()
    {
        Connect(a, b);
        for (var i = 0; i < Limits.NamesMax; i++)
            Assert.Equal(SendStatus.Accepted, a.Send(b, $"/n/{i}", "x"));
        Assert.Equal(SendStatus.TooManyProtocols, a.Send(b, "/n/256", "x"));
    }

    [Fact]
    [Covers("MP-037", "MP-040", "MP-041")]
    public void An_unknown_protocol_is_refused_once_and_may_be_tried_again_after_a_second()
    {
        Connect(a, b);
        a.Send(b, "/later", "one");
        network.Run(0.1);
        Assert.Equal("/later", Assert.Single(a.Log, happened => happened.Kind == NodeEventKind.ProtocolRefused).Protocol);
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.NoHandler));
        Assert.Equal(SendStatus.Refused, a.Send(b, "/later", "two"));
        b.Handle("/later");
        network.Run(1);
        Assert.Equal(SendStatus.Accepted, a.Send(b, "/later", "three"));
        network.Run(0.1);
        Assert.Equal(["three"], b.Texts);
        a.Send(b, "/later", "four");
        Assert.True(network.Flights[^1].Has(FrameType.Continuation));
    }

    [Fact]
    public void What_a_node_refuses_to_start_says_why()
    {
        Assert.Throws<ArgumentException>(() => a.Machine.TryGetPeer(network.Now, a.Id, out _));
        Assert.Throws<ArgumentException>(() => a.Machine.Dial(network.Now, a.Peer(b), [], TimeSpan.FromSeconds(1)));
        Assert.Equal(SendStatus.NotConnected, a.Send(b, "/chat", "x"));
        Assert.Throws<ArgumentOutOfRangeException>(() => a.Send(b, "/chat", new byte[65_536]));
    }

    private static byte[] Bytes(int length)
    {
        var data = new byte[length];
        new SeededRandom((ulong)length).Fill(data);
        return data;
    }

    private void Connect(TestNode from, TestNode to) => network.Connect(from, to);
}
