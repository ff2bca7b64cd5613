using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>How large the datagrams of a path become, and what happens when they no longer arrive.</summary>
public class DatagramSizeTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public DatagramSizeTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    private PeerPath Path => a.Peer(b).Sessions.Current!.Path;

    [Theory]
    [InlineData(false, 1472, 1472)]
    [InlineData(true, 1452, 1452)]
    [InlineData(true, 1500, 1452)]
    [InlineData(false, 8972, 8972)]
    [InlineData(true, 65507, 8952)]
    [InlineData(false, 8971, 1472)]
    [InlineData(false, 1464, 1464)]
    [InlineData(false, 1252, 1252)]
    [InlineData(true, 1232, 1232)]
    [InlineData(false, 1200, 1200)]
    [Covers("SEC-089")]
    public void Full_datagrams_grow_to_what_the_path_carries_within_two_seconds(bool isIPv6, int carries, int expected)
    {
        network.DatagramSizeMax = carries;
        if (isIPv6)
        {
            a.Address = NetAddress.From(System.Net.IPAddress.Parse("fd00::1"), 4001, 0);
            b.Address = NetAddress.From(System.Net.IPAddress.Parse("fd00::2"), 4002, 0);
        }

        network.Connect(a, b);
        Talk(2, expected > Limits.DatagramSizeEthernet ? 17_700 : 8_000);
        Assert.Equal(expected, Path.DatagramSize);
        var data = network.Flights.Where(flight => flight.Has(FrameType.Fragment));
        Assert.InRange(data.Max(flight => flight.Datagram.Length), expected - 120, expected);
        Assert.Equal(100, b.Messages.Count());
    }

    [Fact]
    [Covers("SEC-089")]
    public void Nothing_is_probed_for_small_messages()
    {
        network.Connect(a, b);
        for (var i = 0; i < 200; i++)
        {
            a.Send(b, "/chat", new byte[500]);
            network.Run(0.02);
        }

        Assert.DoesNotContain(network.Flights, flight => flight.Datagram.Length > 600);
    }

    [Fact]
    [Covers("SEC-089")]
    public void A_demand_of_long_ago_keeps_no_idle_path_busy()
    {
        network.Connect(a, b);
        network.OnSend = flight => flight.IsLost = flight.Has(FrameType.PathResponse);
        Talk(0.02);
        network.Run(20);
        var last = network.Flights[^1].SentAt;
        Assert.True(network.Now - last > TimeSpan.FromSeconds(18));
        network.Run(600);
        Assert.Equal(last, network.Flights[^1].SentAt);
        Assert.Equal(0, a.Machine.PeerCount + b.Machine.PeerCount);
    }

    [Fact]
    [Covers("SEC-089", "REC-043")]
    public void Each_size_is_tried_three_times_one_at_a_time_again_after_ten_minutes_and_never_as_a_loss()
    {
        network.DatagramSizeMax = Limits.DatagramSizeMin;
        network.Connect(a, b);
        Talk(3);
        var probes = network.Flights.Where(flight => flight.Datagram.Length > Limits.DatagramSizeMin).ToArray();
        Assert.Equal([1472, 1464, 1392, 1332, 1252], probes.Select(flight => flight.Datagram.Length).Distinct());
        Assert.All(probes.GroupBy(flight => flight.Datagram.Length), tries => Assert.Equal(3, tries.Count()));
        var waits = probes.Zip(probes.Skip(1), (one, next) => next.SentAt - one.SentAt);
        Assert.All(waits, wait => Assert.True(wait >= TimeSpan.FromMilliseconds(20)));
        Assert.All(probes, flight => Assert.Equal([FrameType.PathChallenge], flight.FrameList().Select(frame => frame.Type)));
        Assert.Equal(0, Path.Recovery.PacketsLost + Path.Recovery.PacketsExpired);
        Assert.Equal(0, Path.Recovery.BytesInFlight);

        for (var i = 0; i < 10; i++)
        {
            network.Run(54); // the keys stay in use
            Talk(1);
        }

        Assert.Equal(probes.Length, network.Flights.Count(flight => flight.Datagram.Length > Limits.DatagramSizeMin));
        network.DatagramSizeMax = Limits.DatagramSizeEthernet;
        network.Run(60);
        Talk(2);
        Assert.Equal(1472, Path.DatagramSize);
    }

    [Fact]
    [Covers("SEC-089")]
    public void Only_a_path_that_carries_all_of_Ethernet_is_asked_for_jumbo_frames_three_times_in_ten_minutes()
    {
        network.Connect(a, b);
        Talk(3);
        var probes = network.Flights
            .Where(flight => flight.Datagram.Length > Limits.DatagramSizeMin && flight.Has(FrameType.PathChallenge));
        Assert.Equal([1472, 8972, 8972, 8972], probes.Select(flight => flight.Datagram.Length));
        for (var i = 0; i < 10; i++)
        {
            network.Run(54);
            Talk(1);
        }

        network.DatagramSizeMax = Limits.DatagramSizeMax;
        network.Run(60);
        Talk(2);
        Assert.Equal(8972, Path.DatagramSize);
        Assert.Equal(0, Path.Recovery.PacketsLost + Path.Recovery.PacketsExpired);
    }

    [Fact]
    [Covers("SEC-093", "MP-054")]
    public void When_the_path_shrinks_without_a_word_traffic_goes_on_within_3_PTO_and_a_second()
    {
        network.Connect(a, b);
        Talk(2);
        Assert.Equal(1472, Path.DatagramSize);
        network.DatagramSizeMax = 1252;
        var limit = TimeSpan.FromSeconds(1) + (3 * Path.Recovery.ProbeTimeout);
        var start = network.Now;
        a.Request(b, "/chat", new byte[20_000]);
        network.RunUntil(() => a.Replies.Any(), limit.TotalSeconds);
        Assert.Equal(Limits.DatagramSizeMin, Path.DatagramSize);
        Assert.True(network.Now - start > TimeSpan.FromMilliseconds(40), "Nothing was lost.");

        Talk(2);
        Assert.Equal(1252, Path.DatagramSize);
    }

    [Fact]
    [Covers("SEC-093")]
    public void After_an_outage_the_size_is_what_it_was_as_soon_as_the_path_speaks_but_a_second_time_after_ten_minutes()
    {
        network.Connect(a, b);
        Talk(2);
        DarkFor(4);
        Talk(1);
        Assert.Equal(1472, Path.DatagramSize);

        DarkFor(4);
        for (var i = 0; i < 10; i++)
        {
            Talk(1);
            Assert.Equal(Limits.DatagramSizeMin, Path.DatagramSize);
            network.Run(54); // the keys stay in use
        }

        network.Run(60);
        Talk(1);
        Assert.Equal(1472, Path.DatagramSize);
    }

    [Fact]
    [Covers("REC-047", "SEC-093", "LANE-026")]
    public void A_last_segment_that_the_path_carries_no_more_goes_in_pieces()
    {
        network.Connect(a, b);
        Talk(2);
        Assert.Equal(1472, Path.DatagramSize);
        network.DatagramSizeMax = 1252;
        var lane = a.OpenLane(b);
        var start = network.Now;
        a.Send(lane, new byte[1_400]);
        network.RunUntil(() => lane.Delivered == 1, seconds: 2);
        Assert.Equal(Limits.DatagramSizeMin, Path.DatagramSize);
        Assert.True(network.Now - start > TimeSpan.FromMilliseconds(40), "Nothing was lost.");
    }

    [Fact]
    [Covers("REC-047")]
    public void What_probes_say_on_a_dark_path_is_small_now_and_then_and_acknowledges()
    {
        network.Connect(a, b);
        Talk(2);
        var lane = a.OpenLane(b);
        a.Send(lane, new byte[1_400]);
        network.RunUntil(() => lane.Delivered == 1);
        network.DatagramSizeMax = 0;
        var first = network.Flights.Count;
        a.Send(lane, new byte[1_400]);
        network.Run(12);
        var sizes = network.Flights.Skip(first)
            .Where(flight => flight.From == a.Address && (flight.Has(FrameType.Msp) || flight.Has(FrameType.LaneWindow)))
            .Select(flight => flight.Datagram.Length > Limits.DatagramSizeMin).ToArray();
        Assert.Equal([true, true, true, false, true, true, false], sizes[..7]);

        network.DatagramSizeMax = Limits.DatagramSizeEthernet;
        network.RunUntil(() => lane.Delivered == 2, seconds: 6);
    }

    [Fact]
    [Covers("SEC-093")]
    public void Loss_that_spares_some_large_datagrams_leaves_the_size()
    {
        network.Connect(a, b);
        Talk(2);
        var random = new Random(1);
        network.OnSend = flight => flight.IsLost = random.NextDouble() < 0.1;
        Talk(10);
        Assert.True(Path.Recovery.PacketsLost > 50);
        Assert.Equal(1472, Path.DatagramSize);
    }

    [Fact]
    [Covers("SEC-089")]
    public void Only_the_answer_to_the_probe_proves_its_size()
    {
        var search = new DatagramSizeSearch(isIPv4: true);
        search.OnFull(Instant.Zero);
        Assert.True(search.IsDue(Instant.Zero + TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1)));
        Assert.False(search.IsDue(Instant.Zero + TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(1)));
        Assert.False(search.OnResponse(Instant.Zero, 0));
        var token = search.OnProbeSent(new SeededRandom(1), Instant.Zero + TimeSpan.FromSeconds(1));
        search.OnFull(Instant.Zero);
        Assert.False(search.IsDue(Instant.Zero, TimeSpan.FromSeconds(1)));
        Assert.False(search.OnResponse(Instant.Zero, token + 1));
        Assert.Equal(Limits.DatagramSizeMin, search.Size);
        search.OnTimer(Instant.Zero + TimeSpan.FromSeconds(1));
        Assert.True(search.OnResponse(Instant.Zero + TimeSpan.FromSeconds(2), token)); // late, but proof
        Assert.Equal(Limits.DatagramSizeEthernet, search.Size);
    }

    // Nothing arrives, and that is taken for a path of 1,200 bytes; it is not searched for more meanwhile.
    private void DarkFor(double seconds)
    {
        var carried = network.DatagramSizeMax;
        network.DatagramSizeMax = 0;
        var probes = network.Flights.Count(IsSizeProbe);
        Talk(seconds);
        Assert.Equal(Limits.DatagramSizeMin, Path.DatagramSize);
        Assert.Equal(probes, network.Flights.Count(IsSizeProbe));
        network.DatagramSizeMax = carried;
    }

    private static bool IsSizeProbe(Flight flight) =>
        flight.Datagram.Length > Limits.DatagramSizeMin && flight.Has(FrameType.PathChallenge);

    // So many bytes each 20 ms: fragments fill datagrams to the brim.
    private void Talk(double seconds, int bytes = 8_000)
    {
        for (var i = 0; i < seconds * 50; i++)
        {
            a.Send(b, "/chat", new byte[bytes]);
            network.Run(0.02);
        }

        network.Run(0.5);
    }
}
