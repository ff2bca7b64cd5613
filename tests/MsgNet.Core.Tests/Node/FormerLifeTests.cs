using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Handshakes recorded in former lives of a peer, played again when nothing remembers them any more.</summary>
public class FormerLifeTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public FormerLifeTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Fact]
    [Covers("SEC-104", "SEC-059")]
    public void A_recorded_HELLO_of_a_former_life_leaves_the_present_one_alone()
    {
        b.Dial(a);
        b.Send(a, "/chat", "life 0");
        network.Run(1);
        var recorded = network.Flights.First(flight => flight.From == b.Address && flight.Type == ChannelMessageType.Hello);

        // More lives than are remembered, and more time than ephemeral keys are.
        for (var life = 1; life <= 6; life++)
        {
            b.Start();
            b.Handle("/chat");
            b.Dial(a);
            b.Send(a, "/chat", $"life {life}");
            network.Run(30);
        }

        Assert.Equal(Enumerable.Range(0, 7).Select(life => $"life {life}"), a.Texts);
        var ready = a.Count(NodeEventKind.PeerReady);
        var lost = a.Count(NodeEventKind.PeerLost);
        network.Inject(b.Address, a.Address, recorded.Datagram);
        network.Run(1);
        a.Send(b, "/chat", "to the present");
        b.Send(a, "/chat", "from the present");
        network.Run(20);

        Assert.Equal("from the present", a.Texts.Last());
        Assert.Equal(8, a.Texts.Count());
        Assert.Equal("to the present", b.Texts.Last());
        Assert.Equal((ready, lost), (a.Count(NodeEventKind.PeerReady), a.Count(NodeEventKind.PeerLost)));
    }

    [Fact]
    [Covers("SEC-104", "SEC-059")]
    public void A_withheld_HELLO_of_a_former_life_leaves_the_present_one_alone()
    {
        // Nobody has seen it, its clock is right, and its life is not known to have ended.
        network.OnSend = flight => flight.IsLost = true;
        b.Dial(a);
        b.Send(a, "/chat", "of the past");
        var withheld = network.Flights[^1];
        network.OnSend = null;
        b.Start();
        b.Handle("/chat");
        b.Dial(a);
        b.Send(a, "/chat", "of the present");
        network.Run(1);
        network.Inject(b.Address, a.Address, withheld.Datagram);
        a.Send(b, "/chat", "to the present");
        network.Run(20);
        Assert.Equal(["of the present"], a.Texts);
        Assert.Equal(["to the present"], b.Texts);
        Assert.Equal((1, 0), (a.Count(NodeEventKind.PeerReady), a.Count(NodeEventKind.PeerLost)));
        Assert.Equal(2, a.Machine.Counters.HandshakesAnswered);
    }

    [Fact]
    [Covers("SEC-104", "SEC-074")]
    public void First_flight_of_a_new_life_is_delivered_once_it_is_proven()
    {
        network.Connect(a, b);
        b.Send(a, "/chat", "old");
        network.Run(1);
        b.Start();
        b.Handle("/chat");
        network.OnSend = flight => flight.IsLost = flight.From == b.Address && flight.Type == ChannelMessageType.Data;
        b.Dial(a);
        b.Send(a, "/chat", "new");
        network.Run(0.2);
        Assert.Equal(["old"], a.Texts);
        Assert.Equal(0, a.Count(NodeEventKind.PeerLost));

        network.OnSend = null;
        network.Run(5);
        Assert.Equal(["old", "new"], a.Texts);
        Assert.True(a.Messages.Last().Early);
        Assert.Equal(1, a.Count(NodeEventKind.PeerLost));
        Assert.Equal(2, a.Count(NodeEventKind.PeerReady));
    }
}
