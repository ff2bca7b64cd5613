using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>A peer whose address changes is followed there, once it has proven to be there.</summary>
public class MigrationTests
{
    private static readonly NetAddress Elsewhere = NetAddress.From(new System.Net.IPAddress([10, 9, 9, 9]), 9999, 0);
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public MigrationTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        network.Connect(a, b);
        network.Run(1);
    }

    public static TheoryData<string> NewAddresses => ["10.9.9.9", "fd00::9"];

    [Theory]
    [MemberData(nameof(NewAddresses))]
    [Covers("SEC-088", "REC-024")]
    public void Whichever_end_moves_the_other_follows_and_measures_afresh(string address)
    {
        foreach (var (mover, other) in new[] { (a, b), (b, a) })
        {
            Warm(other, mover);
            var path = other.Peer(mover).Sessions.Current!.Path;
            Assert.True(path.Recovery.CongestionWindow > 12_000 && path.DatagramSize > Limits.DatagramSizeMin);
            mover.Address = NetAddress.From(System.Net.IPAddress.Parse(address), 7000 + mover.Number, 0);
            var start = network.Now;
            var replies = mover.Replies.Count();
            mover.Request(other, "/chat", "here I am");
            network.RunUntil(() => mover.Replies.Count() > replies, seconds: 1);

            // 2 round trips of 20 ms and what the request waited for its repetition beyond one.
            Assert.InRange(network.Now - start, TimeSpan.Zero, TimeSpan.FromMilliseconds(2 * 20 + 30));
            Assert.Equal(mover.Address, other.Peer(mover).Address);
            Assert.Equal(1, other.Count(NodeEventKind.PeerMoved));
            Assert.Equal(0, mover.Count(NodeEventKind.PeerMoved));
            Assert.Equal(TimeSpan.FromMilliseconds(20), path.Recovery.MinRtt);
            Assert.Equal(Limits.DatagramSizeMin, path.DatagramSize);
            other.Log.Clear();
            mover.Log.Clear();
        }

        Assert.Equal(1, b.Machine.Counters.HandshakesAnswered);
    }

    [Fact]
    [Covers("SEC-088")]
    public void Another_local_port_is_another_path()
    {
        network.OnSend = flight =>
        {
            if (flight.To == b.Address)
                flight.From = flight.From with { LocalPort = 1 };
            else
                flight.To = flight.To with { LocalPort = 0 };
        };
        a.Request(b, "/chat", "hello");
        network.RunUntil(() => a.Replies.Any());
        network.Run(1);
        Assert.Equal(a.Address with { LocalPort = 1 }, b.Peer(a).Address);
    }

    [Fact]
    [Covers("SEC-088")]
    public void Both_addresses_are_asked_as_far_as_the_ledger_allows()
    {
        var first = network.Flights.Count;
        var old = a.Address;
        network.OnSend = flight => flight.From = flight.Number == first ? Elsewhere : flight.From;
        a.Send(b, "/chat", new byte[300]);
        network.Run(0.05);
        var asked = network.Flights.Skip(first).Where(flight => flight.Has(FrameType.PathChallenge)).ToArray();
        var there = asked.First(flight => flight.To == Elsewhere);
        Assert.Equal((network.Flights[first].Datagram.Length * 3) - (2 * PathCandidate.ProbeSizeMin), there.Datagram.Length);
        Assert.Equal(Limits.DatagramSizeMin, asked.Single(flight => flight.To == old).Datagram.Length);
    }

    [Fact]
    [Covers("SEC-088", "SEC-081", "SEC-092")]
    public void A_copy_from_elsewhere_that_comes_first_moves_nothing()
    {
        var earned = 0;
        network.OnSend = flight =>
        {
            if (flight.To != b.Address || flight.Number % 3 != 0)
                return;

            flight.From = Elsewhere;
            earned += flight.Datagram.Length;
        };
        for (var i = 0; i < 500; i++)
        {
            a.Send(b, "/chat", "x");
            b.Send(a, "/chat", "y");
            network.Run(0.02);
            Assert.True(network.Flights.Where(flight => flight.To == Elsewhere).Sum(flight => flight.Datagram.Length) <= 3 * earned);
        }

        Assert.Equal(500, b.Messages.Count());
        Assert.Equal(500, a.Messages.Count());
        Assert.Equal(a.Address, b.Peer(a).Address);
        Assert.Equal(0, b.Count(NodeEventKind.PeerMoved));
        Assert.Contains(network.Flights, flight => flight.To == Elsewhere);
    }

    [Fact]
    [Covers("SEC-092")]
    public void What_was_overtaken_says_nothing_of_where_the_peer_is()
    {
        var first = network.Flights.Count;
        network.OnSend = flight =>
        {
            if (flight.Number != first)
                return;

            flight.From = Elsewhere;
            flight.ExtraDelay = TimeSpan.FromMilliseconds(5);
        };
        a.Send(b, "/chat", "one");
        a.Send(b, "/chat", "two");
        network.Run(5);
        Assert.Equal(["two", "one"], b.Texts);
        Assert.DoesNotContain(network.Flights, flight => flight.To == Elsewhere);
    }

    [Fact]
    [Covers("SEC-092")]
    public void After_three_challenges_without_answer_nothing_more_goes_there()
    {
        var first = network.Flights.Count;
        network.OnSend = flight =>
        {
            flight.From = flight.Number == first ? Elsewhere : flight.From;
            flight.IsLost = flight.To == a.Address; // a peer that answers the challenge to its old address ends it sooner
        };
        a.Send(b, "/chat", new byte[1_000]);
        network.Run(10);
        Assert.Equal(3, network.Flights.Count(flight => flight.To == Elsewhere));
        network.OnSend = null;
        a.Request(b, "/chat", "still here");
        network.RunUntil(() => a.Replies.Any());
        Assert.Equal(a.Address, b.Peer(a).Address);
    }

    [Fact]
    [Covers("SEC-088")]
    public void A_peer_that_moves_to_and_fro_is_followed_each_time_and_nothing_is_kept()
    {
        for (var move = 0; move < 50; move++)
        {
            a.Address = Elsewhere with { Port = (ushort)(1 + (move % 9)) };
            a.Request(b, "/chat", "hello");
            network.RunUntil(() => a.Replies.Count() == move + 1);
            Assert.Equal(a.Address, b.Peer(a).Address);
        }

        Assert.Equal(50, b.Count(NodeEventKind.PeerMoved));
        network.Run(1_000);
        Assert.Equal(0, b.Machine.PeerCount);
    }

    private void Warm(TestNode from, TestNode to)
    {
        for (var i = 0; i < 40; i++)
        {
            from.Send(to, "/chat", new byte[20_000]);
            network.Run(0.02);
        }

        network.Run(1);
    }
}
