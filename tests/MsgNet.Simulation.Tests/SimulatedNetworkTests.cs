using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation.Tests;

public class SimulatedNetworkTests
{
    private const int Many = 20_000;
    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);

    [Fact]
    public void A_perfect_network_delivers_at_once_in_order_over_both_versions()
    {
        var world = new World(1, 2, LinkOptions.Perfect);
        var (a, b) = (world.Ends[0], world.Ends[1]);
        for (var i = 0; i < 10; i++)
            a.Send(i % 2 == 0 ? b.Address4 : b.Address6, i, 100);

        world.Simulation.Run(TimeSpan.Zero);

        Assert.Equal(Enumerable.Range(0, 10), b.Arrivals.Select(arrival => arrival.Number));
        Assert.Equal(a.Address4 with { LocalPort = 4 }, b.Arrivals[0].From);
        Assert.Equal(a.Address6 with { LocalPort = 6 }, b.Arrivals[1].From);
        Assert.All(b.Arrivals, arrival => Assert.Equal(100, arrival.Length));
        Assert.Equal(new SimulationStatistics { Sent = 10, BytesSent = 1000, Delivered = 10 }, world.Network.Statistics);
    }

    [Fact]
    public void Delay_and_jitter_are_within_their_bounds_and_jitter_reorders()
    {
        var delay = TimeSpan.FromMilliseconds(20);
        var jitter = TimeSpan.FromMilliseconds(10);
        var world = new World(2, 2, new LinkOptions { Delay = delay, Jitter = jitter });
        SendMany(world);

        var arrivals = world.Ends[1].Arrivals;
        Assert.Equal(Many, arrivals.Count);
        Assert.All(arrivals, arrival => Assert.InRange(arrival.At, delay, delay + jitter));
        Assert.InRange(arrivals.Average(arrival => arrival.At.TotalMilliseconds), 24.9, 25.1);
        Assert.True(Inversions(arrivals) > 0);
        Assert.All(arrivals.Zip(arrivals.Skip(1)), pair => Assert.True(pair.First.At <= pair.Second.At));
    }

    [Theory]
    [InlineData(0.0)]
    [InlineData(0.2)]
    [InlineData(1.0)]
    public void Loss_comes_with_its_probability(double loss)
    {
        var world = new World(3, 2, new LinkOptions { Loss = loss });
        SendMany(world);
        AssertShare(loss, world.Network.Statistics.Lost);
        Assert.Equal(Many, world.Network.Statistics.Lost + world.Ends[1].Arrivals.Count);
        Assert.Equal(0, Inversions(world.Ends[1].Arrivals));
    }

    [Fact]
    public void Loss_in_bursts_has_the_length_and_the_share_it_was_given()
    {
        var world = new World(4, 2, new LinkOptions { BurstLoss = new BurstLoss(0.01, 0.2) });
        SendMany(world);

        var arrived = world.Ends[1].Arrivals.Select(arrival => arrival.Number).ToHashSet();
        var bursts = Enumerable.Range(1, Many - 1).Count(i => !arrived.Contains(i) && arrived.Contains(i - 1));
        var lost = world.Network.Statistics.LostInBursts;
        Assert.Equal(Many - arrived.Count, lost);
        Assert.InRange(lost / (double)Many, 0.040, 0.056);
        Assert.InRange(lost / (double)bursts, 4.3, 5.7);
    }

    [Fact]
    public void Duplicates_come_with_their_probability()
    {
        var world = new World(5, 2, new LinkOptions { Duplicate = 0.3 });
        SendMany(world);
        var statistics = world.Network.Statistics;
        AssertShare(0.3, statistics.Duplicated);
        Assert.Equal(Many + statistics.Duplicated, world.Ends[1].Arrivals.Count);
        Assert.Equal(Many, world.Ends[1].Arrivals.Select(arrival => arrival.Number).Distinct().Count());
    }

    [Fact]
    public void Datagrams_held_back_are_overtaken_and_still_arrive()
    {
        var world = new World(6, 2, new LinkOptions { Reorder = 0.05, ReorderDelay = TimeSpan.FromMilliseconds(5) });
        SendMany(world, TimeSpan.FromMilliseconds(1));
        AssertShare(0.05, world.Network.Statistics.HeldBack);
        Assert.Equal(Many, world.Ends[1].Arrivals.Count);
        Assert.InRange(Inversions(world.Ends[1].Arrivals), Many * 0.02, Many * 0.06);
    }

    [Fact]
    public void A_rate_spreads_a_burst_and_its_queue_drops_the_rest()
    {
        var world = new World(7, 2, new LinkOptions { Rate = 1_000_000, QueueBytesMax = 20_000 });
        var (a, b) = (world.Ends[0], world.Ends[1]);
        for (var i = 0; i < 300; i++)
            a.Send(b.Address4, i, 1000);
        world.Simulation.Run(Second);

        // 20,000 bytes fit; each datagram takes a millisecond.
        Assert.Equal(Enumerable.Range(0, 20), b.Arrivals.Select(arrival => arrival.Number));
        Assert.Equal(Enumerable.Range(1, 20).Select(i => TimeSpan.FromMilliseconds(i)), b.Arrivals.Select(arrival => arrival.At));
        Assert.Equal(280, world.Network.Statistics.QueueFull);

        a.Send(b.Address4, 999, 1000);
        world.Simulation.Run(Second);
        Assert.Equal(Second + TimeSpan.FromMilliseconds(1), b.Arrivals[^1].At);
    }

    [Fact]
    public void Two_hosts_share_a_link_and_its_queue()
    {
        var world = new World(7, 3, new LinkOptions { Rate = 1_000_000, QueueBytesMax = 20_000 });
        var (a, b, c) = (world.Ends[0], world.Ends[1], world.Ends[2]);
        world.Network.ShareLink(a.Host, b.Host, c.Host);
        for (var i = 0; i < 12; i++)
        {
            a.Send(c.Address4, i, 1000);
            b.Send(c.Address4, 100 + i, 1000);
        }

        var full = TimeSpan.FromMilliseconds(20);
        Assert.Equal((full, full), (world.Network.QueueDelay(a.Host, c.Host), world.Network.QueueDelay(b.Host, c.Host)));
        Assert.Equal(TimeSpan.Zero, world.Network.QueueDelay(a.Host, b.Host));
        world.Network.Partition(b.Host, c.Host);
        a.Send(c.Address4, 50, 1000);
        world.Simulation.Run(Second);

        Assert.Equal(Enumerable.Range(0, 10).SelectMany(i => new[] { i, 100 + i }), c.Arrivals.Select(arrival => arrival.Number));
        Assert.Equal((4, 1), (world.Network.Statistics.QueueFull, world.Network.Statistics.Partitioned));
        Assert.Equal(TimeSpan.Zero, world.Network.QueueDelay(a.Host, c.Host));
    }

    [Fact]
    public void A_black_hole_swallows_large_datagrams_only()
    {
        var world = new World(8, 2, new LinkOptions { DatagramSizeMax = 1300 });
        var (a, b) = (world.Ends[0], world.Ends[1]);
        a.Send(b.Address4, 1, 1300);
        a.Send(b.Address4, 2, 1301);
        a.Send(b.Address4, 3, 65_508);
        world.Simulation.Run(Second);
        Assert.Equal([1], b.Arrivals.Select(arrival => arrival.Number));
        Assert.Equal(2, world.Network.Statistics.TooLarge);
    }

    [Fact]
    public void Options_of_a_pair_go_before_those_of_a_host_and_of_the_network()
    {
        var world = new World(9, 3, new LinkOptions { Delay = TimeSpan.FromMilliseconds(1) });
        var (a, b, c) = (world.Ends[0], world.Ends[1], world.Ends[2]);
        a.Send(b, 0);
        world.Simulation.Run(Second);
        b.Host.Link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(3) };
        a.Send(b, 1);
        b.Send(c, 1);
        world.Simulation.Run(Second);
        a.Host.Link = new LinkOptions { Delay = TimeSpan.FromMilliseconds(2) };
        a.Send(b, 2);
        world.Simulation.Run(Second);
        world.Network.SetLink(a.Host, b.Host, new LinkOptions { Delay = TimeSpan.FromMilliseconds(4) });
        a.Send(b, 3);
        b.Send(a, 3);
        world.Simulation.Run(Second);
        world.Network.SetLink(a.Host, b.Host, null);
        a.Send(b, 4);
        world.Simulation.Run(Second);

        Assert.Equal([1, 3, 2, 4, 2], b.Arrivals.Select(Milliseconds));
        Assert.Equal([3], c.Arrivals.Select(Milliseconds));
        Assert.Equal([3], a.Arrivals.Select(Milliseconds));
    }

    [Fact]
    public void Partitions_cut_the_directions_asked_for_until_healed()
    {
        var world = new World(10, 3, LinkOptions.Perfect);
        var (a, b, c) = (world.Ends[0], world.Ends[1], world.Ends[2]);
        world.Network.Partition(a.Host, b.Host, PartitionDirection.FirstToSecond);
        world.Network.Partition(c.Host, b.Host, PartitionDirection.SecondToFirst);
        Round(1);
        world.Network.Partition(a.Host, b.Host);
        Round(2);
        world.Network.Heal(a.Host, b.Host);
        Round(3);
        world.Network.HealAll();
        Round(4);

        Assert.Equal([1, 3, 4], a.Arrivals.Select(arrival => arrival.Number));
        Assert.Equal([3, 4], b.Arrivals.Where(arrival => arrival.From.Low == a.Address4.Low).Select(arrival => arrival.Number));
        Assert.Equal([1, 2, 3, 4], b.Arrivals.Where(arrival => arrival.From.Low == c.Address4.Low).Select(arrival => arrival.Number));
        Assert.Equal([4], c.Arrivals.Select(arrival => arrival.Number));
        Assert.Equal(6, world.Network.Statistics.Partitioned);

        void Round(int number)
        {
            a.Send(b, number);
            b.Send(a, number);
            b.Send(c, number);
            c.Send(b, number);
            world.Simulation.Run(Second);
        }
    }

    [Fact]
    public void Rebinding_changes_the_visible_port_and_kills_the_old_mapping()
    {
        var world = new World(11, 2, LinkOptions.Perfect);
        var (a, b) = (world.Ends[0], world.Ends[1]);
        a.Send(b, 1);
        world.Simulation.Run(Second);
        var before = b.Arrivals[^1].From;
        Assert.Equal(4001, before.Port);

        var seen = new List<NetAddress> { before };
        for (var round = 2; round < 5; round++)
        {
            world.Network.RebindNat(a.Host);
            b.Send(before, 100 + round, 10);
            a.Send(b, round);
            world.Simulation.Run(Second);
            before = b.Arrivals[^1].From;
            b.Send(before, round, 10);
            world.Simulation.Run(Second);
            seen.Add(before);
        }

        Assert.Equal(4, seen.Select(from => from.Port).Distinct().Count());
        Assert.Single(seen.Select(from => from.Low).Distinct());
        Assert.Equal([2, 3, 4], a.Arrivals.Select(arrival => arrival.Number));
        Assert.Equal(3, world.Network.Statistics.NoReceiver);
    }

    [Fact]
    public void Changing_the_address_changes_the_visible_address_too()
    {
        var world = new World(12, 2, LinkOptions.Perfect);
        var (a, b) = (world.Ends[0], world.Ends[1]);
        world.Network.ChangeAddress(a.Host);
        a.Send(b.Address6, 1, 10);
        b.Send(a, 2);
        world.Simulation.Run(Second);

        var from = Assert.Single(b.Arrivals).From;
        Assert.NotEqual(a.Address6.Low, from.Low);
        Assert.Empty(a.Arrivals);
        b.Send(from, 3, 10);
        world.Simulation.Run(Second);
        Assert.Equal(3, Assert.Single(a.Arrivals).Number);
    }

    [Fact]
    public void What_nobody_receives_is_counted()
    {
        var world = new World(13, 2, LinkOptions.Perfect);
        var (a, b) = (world.Ends[0], world.Ends[1]);
        a.Send(NetAddress.From(IPAddress.Parse("192.0.2.1"), 1, 0), 1, 10);
        a.Send(b.Address4 with { Port = 1 }, 2, 10);
        a.Port4.Send(b.Address6, [1, 2, 3, 4]);
        world.Simulation.Run(Second);
        Assert.Equal(3, world.Network.Statistics.NoReceiver);
        Assert.Empty(b.Arrivals);
    }

    [Fact]
    public void Loopback_stays_inside_the_host()
    {
        var world = new World(14, 2, new LinkOptions { Loss = 1 });
        var a = world.Ends[0];
        a.Send(NetAddress.From(IPAddress.Loopback, 4001, 0), 1, 10);
        a.Send(NetAddress.From(IPAddress.IPv6Loopback, 4001, 0), 2, 10);
        a.Send(a.Address4, 3, 10);
        world.Simulation.Run(TimeSpan.Zero);
        Assert.Equal([1, 2, 3], a.Arrivals.Select(arrival => arrival.Number));
        Assert.Equal(IPAddress.Loopback, a.Arrivals[0].From.ToIPAddress());
        Assert.Empty(world.Ends[1].Arrivals);
    }

    [Fact]
    public void Too_many_datagrams_fail_the_run()
    {
        var world = new World(15, 2, new SimulationOptions { DatagramsMax = 10 });
        for (var i = 0; i < 11; i++)
            world.Ends[0].Send(world.Ends[1], i);
        var error = Assert.Throws<InvalidOperationException>(() => world.Simulation.Run(Second));
        Assert.Contains("seed 15", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Wrong_options_are_refused_with_their_name()
    {
        Assert.Throws<ArgumentOutOfRangeException>("Loss", () => new LinkOptions { Loss = 20 });
        Assert.Throws<ArgumentOutOfRangeException>("Duplicate", () => new LinkOptions { Duplicate = -0.1 });
        Assert.Throws<ArgumentOutOfRangeException>("Reorder", () => new LinkOptions { Reorder = double.NaN });
        Assert.Throws<ArgumentOutOfRangeException>("Delay", () => new LinkOptions { Delay = TimeSpan.FromSeconds(-1) });
        Assert.Throws<ArgumentOutOfRangeException>("Rate", () => new LinkOptions { Rate = -1 });
        Assert.Throws<ArgumentOutOfRangeException>("leave", () => new BurstLoss(0.1, 0));
        var world = new World(16, 1, LinkOptions.Perfect);
        Assert.Throws<ArgumentException>(() => world.Network.Partition(world.Ends[0].Host, world.Ends[0].Host));
        var other = new World(17, 1, LinkOptions.Perfect);
        Assert.Throws<ArgumentException>(() => world.Network.Partition(world.Ends[0].Host, other.Ends[0].Host));
    }

    private static void SendMany(World world) => SendMany(world, TimeSpan.Zero);

    private static void SendMany(World world, TimeSpan pause)
    {
        for (var i = 0; i < Many; i++)
        {
            world.Ends[0].Send(world.Ends[1], i);
            world.Simulation.Run(pause);
        }

        world.Simulation.Run(Second);
    }

    private static void AssertShare(double expected, long count)
    {
        // Five standard deviations of a binomial count: never by chance, whatever the seed.
        var deviation = 5 * Math.Sqrt(Many * expected * (1 - expected));
        Assert.InRange(count, (Many * expected) - deviation, (Many * expected) + deviation);
    }

    private static int Inversions(List<Arrival> arrivals) =>
        arrivals.Zip(arrivals.Skip(1)).Count(pair => pair.Second.Number < pair.First.Number);

    private static int Milliseconds(Arrival arrival) => arrival.At.Milliseconds;
}
