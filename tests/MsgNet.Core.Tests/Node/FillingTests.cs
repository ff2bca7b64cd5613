using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What stands in a datagram, and in which order.</summary>
public class FillingTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public FillingTests()
    {
        a = network.Add("/chat", "/echo");
        b = network.Add("/chat", "/echo");
        network.Connect(a, b);
        network.Run(1);
    }

    [Fact]
    [Covers("REC-061")]
    public void Reports_come_first_then_answers_then_what_waited()
    {
        for (var round = 0; round < 20; round++)
        {
            a.Request(b, "/echo", "question");
            a.Send(b, round % 4 == 0 ? $"/unknown/{round}" : "/chat", "news");
            b.Send(a, "/chat", "other news");
            network.Run(0.012);
        }

        network.Run(1);
        var lists = network.Flights.Select(flight => flight.FrameList().Select(frame => Rank(frame.Type)).ToArray()).ToArray();
        Assert.All(lists, ranks => Assert.Equal(ranks.Order(), ranks));
        Assert.Contains(lists, ranks => ranks.Intersect([2, 3]).Count() == 2);
        Assert.Contains(lists, ranks => ranks.Intersect([2, 4]).Count() == 2);
        Assert.Contains(lists, ranks => ranks.Contains(5));
    }

    private static int Rank(FrameType type) => type switch
    {
        FrameType.PathChallenge or FrameType.PathResponse or FrameType.Observed => 1,
        FrameType.Report => 2,
        FrameType.Ack or FrameType.Reset => 3,
        FrameType.Reply => 4,
        _ => 5,
    };
}
