using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What stands in a datagram, in which order, and what is never put there again.</summary>
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

    [Fact]
    [Covers("MP-056", "REC-035")]
    public void A_lost_piece_is_not_sent_again()
    {
        a.Send(b, "/chat", "name");
        network.Run(1);
        var before = network.Flights.Count;
        var pieces = 0;
        network.OnSend = flight => flight.IsLost = flight.Has(FrameType.Fragment) && pieces++ is 3 or 7;
        a.Send(b, "/chat", new byte[20_000]);
        network.Run(30);

        var sent = network.Flights.Skip(before).SelectMany(flight => flight.FrameList())
            .Where(frame => frame.Type == FrameType.Fragment).Select(frame => Convert.ToHexString(frame.Body)).ToArray();
        Assert.True(sent.Length > 16);
        Assert.Equal(sent.Distinct(), sent);
        Assert.Equal(["name"], b.Texts);
    }

    [Fact]
    [Covers("REC-037", "MP-037", "MP-038")]
    public void A_lost_acknowledgement_of_a_name_waits_for_the_next_INIT()
    {
        var before = network.Flights.Count;
        var lost = 0;
        network.OnSend = flight => flight.IsLost = flight.Has(FrameType.Ack) && lost++ == 0;
        a.Send(b, "/chat", "one");
        network.Run(2);
        Assert.Equal(1, Count(before, FrameType.Ack));

        a.Send(b, "/chat", "two");
        network.Run(2);
        Assert.Equal((2, 2, 0), (Count(before, FrameType.Ack), Count(before, FrameType.Init), Count(before, FrameType.Continuation)));

        a.Send(b, "/chat", "three");
        network.Run(2);
        Assert.Equal((2, 2, 1), (Count(before, FrameType.Ack), Count(before, FrameType.Init), Count(before, FrameType.Continuation)));
        Assert.Equal(["one", "two", "three"], b.Texts);
    }

    private int Count(int before, FrameType type)
        => network.Flights.Skip(before).Sum(flight => flight.FrameList().Count(frame => frame.Type == type));

    private static int Rank(FrameType type) => type switch
    {
        FrameType.PathChallenge or FrameType.PathResponse or FrameType.Observed => 1,
        FrameType.Report => 2,
        FrameType.Ack or FrameType.Reset => 3,
        FrameType.Reply => 4,
        _ => 5,
    };
}
