using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What is not sent again when it is lost, and in what order a datagram is filled.</summary>
public class RepetitionTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public RepetitionTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        network.Connect(a, b);
    }

    [Fact]
    [Covers("MP-056", "REC-035")]
    public void Pieces_of_a_message_are_not_sent_again()
    {
        a.Send(b, "/chat", "before");
        network.Run(1);
        network.OnSend = flight => flight.IsLost = flight.Has(FrameType.Fragment) && PiecesFrom(a) == 1;
        a.Send(b, "/chat", Bytes(5_000));
        network.Run(1);
        Assert.Single(network.Flights, flight => flight.IsLost && flight.Has(FrameType.Fragment));
        Assert.Equal(5, PiecesFrom(a)); // so that three came after the lost one, and it was known to be lost

        network.Run(4);
        Assert.Equal(5, PiecesFrom(a));
        Assert.Equal(["before"], b.Texts);

        var whole = Bytes(4_000);
        a.Send(b, "/chat", "after");
        a.Send(b, "/chat", whole);
        network.Run(1);
        Assert.Equal(3, b.Messages.Count());
        Assert.Equal("after", b.Messages.ElementAt(1).Text);
        Assert.Equal(whole, b.Messages.Last().Data);
    }

    [Fact]
    [Covers("REC-037", "MP-037", "MP-038")]
    public void A_lost_Multipacket_ACK_is_renewed_by_the_next_INIT_and_by_nothing_else()
    {
        network.OnSend = flight => flight.IsLost = flight.Has(FrameType.Ack) && AcksFrom(b) == 1;
        a.Send(b, "/chat", "one");
        network.Run(1);
        Assert.Single(network.Flights, flight => flight.IsLost);

        // Enough later packets are reported for the lost one to be known as lost.
        for (var i = 0; i < 5; i++)
        {
            b.Send(a, "/chat", $"{i}");
            network.Run(1);
        }

        Assert.Equal(5, a.Messages.Count());
        Assert.Equal(1, AcksFrom(b));
        Assert.Equal(0, a.Count(NodeEventKind.ProtocolConfirmed));

        a.Send(b, "/chat", "two");
        Assert.True(network.Flights[^1].Has(FrameType.Init));
        network.Run(1);
        Assert.Equal(2, AcksFrom(b));
        Assert.Equal(1, a.Count(NodeEventKind.ProtocolConfirmed));
        a.Send(b, "/chat", "three");
        Assert.True(network.Flights[^1].Has(FrameType.Continuation));
    }

    [Fact]
    [Covers("REC-061")]
    public void A_datagram_is_filled_in_the_order_of_urgency()
    {
        // The message enters its queue before the reply, and has to leave after it.
        b.OnRequest = request =>
        {
            Queue(b, a, "/chat");
            return (ReplyStatus.Ok, request.Data);
        };
        Queue(a, b, "/unknown");
        a.Request(b, "/chat", "x");
        var sent = network.Flights.Count;
        network.RunUntil(() => a.Replies.Any());

        var answer = Assert.Single(network.Flights.Skip(sent), flight => flight.Has(FrameType.Reply));
        Assert.Equal(
            [FrameType.Report, FrameType.Ack, FrameType.Reset, FrameType.Reply, FrameType.Init],
            answer.FrameList().Select(frame => frame.Type));
    }

    private static byte[] Bytes(int length)
    {
        var data = new byte[length];
        new SeededRandom((ulong)length).Fill(data);
        return data;
    }

    // Without the write that ends a turn of the driver.
    private void Queue(TestNode from, TestNode to, string protocol)
    {
        var status = from.Machine.TrySend(network.Now, from.Peer(to), ProtocolId.FromString(protocol), [1], allowEarly: true);
        Assert.Equal(SendStatus.Accepted, status);
    }

    private int PiecesFrom(TestNode node) => CountFrom(node, FrameType.Fragment);

    private int AcksFrom(TestNode node) => CountFrom(node, FrameType.Ack);

    private int CountFrom(TestNode node, FrameType type) => network.Flights
        .Where(flight => flight.From == node.Address)
        .Sum(flight => flight.FrameList().Count(frame => frame.Type == type));
}
