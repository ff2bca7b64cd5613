using System.Net;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Testing;

namespace MsgNet.Simulation.Tests;

public class SimulationTests
{
    private static readonly LinkOptions Hostile = new()
    {
        Loss = 0.1,
        BurstLoss = new BurstLoss(0.02, 0.3),
        Duplicate = 0.1,
        Reorder = 0.1,
        Delay = TimeSpan.FromMilliseconds(15),
        Jitter = TimeSpan.FromMilliseconds(7),
        Rate = 30_000,
        QueueBytesMax = 4000,
    };

    [Fact]
    [Covers("API-114")]
    public void One_seed_gives_one_trace_and_another_seed_another()
    {
        var first = RunHostile(77);
        var second = RunHostile(77);
        var other = RunHostile(78);

        Assert.Equal(first.Simulation.TraceHash, second.Simulation.TraceHash);
        Assert.Equal(first.Network.Statistics, second.Network.Statistics);
        Assert.Equal(first.Ends.SelectMany(end => end.Arrivals), second.Ends.SelectMany(end => end.Arrivals));
        Assert.Equal(first.Simulation.ToString(), second.Simulation.ToString());
        Assert.NotEqual(first.Simulation.TraceHash, other.Simulation.TraceHash);
        Assert.True(first.Network.Statistics is { Lost: > 0, LostInBursts: > 0, QueueFull: > 0, Duplicated: > 0, HeldBack: > 0 });
    }

    [Fact]
    public void One_flipped_bit_of_one_datagram_changes_the_trace()
    {
        Assert.NotEqual(HashOf(100), HashOf(101));
        Assert.NotEqual(HashOf(100, length: 12), HashOf(100, length: 13));

        static ulong HashOf(int number, int length = 12)
        {
            var world = new World(1, 2, LinkOptions.Perfect);
            world.Ends[0].Send(world.Ends[1].Address4, number, length);
            world.Simulation.Run(TimeSpan.Zero);
            return world.Simulation.TraceHash;
        }
    }

    [Fact]
    public void Hosts_differ_in_addresses_identity_and_randomness_and_agree_between_runs()
    {
        var first = new World(5, 3, LinkOptions.Perfect);
        var second = new World(5, 3, LinkOptions.Perfect);
        Assert.Equal(3, first.Ends.Select(end => end.Host.Id).Distinct().Count());
        Assert.Equal(6, first.Ends.SelectMany(end => end.Host.LocalAddresses.Take(2)).Distinct().Count());
        Assert.Equal(3, first.Ends.Select(Draw).Distinct().Count());
        Assert.Equal(first.Ends.Select(end => end.Host.Id), second.Ends.Select(end => end.Host.Id));
        Assert.Equal(new World(5, 3, LinkOptions.Perfect).Ends.Select(Draw), second.Ends.Select(Draw));

        static ulong Draw(End end) => end.Host.Platform.Random.NextUInt64();
    }

    [Fact]
    public void Options_reach_the_message_host_with_a_default_address_and_a_skewed_clock()
    {
        var simulation = new Simulation(1, new SimulationOptions(), TestMessageHost.Create);
        var skew = TimeSpan.FromHours(-1);
        var started = 0;
        var host = simulation.AddHost(new SimulatedHostOptions
        {
            Name = "alice",
            ClockSkew = skew,
            Configure = options => options.Listen.Add("/ip6/::/udp/4002"),
            Started = _ => started++,
        });
        var inner = (TestMessageHost)host.Host;

        Assert.Equal(["/ip4/0.0.0.0/udp/4001", "/ip6/::/udp/4002"], inner.Options.Listen.Select(address => address.ToString()));
        Assert.Equal(host.Id, inner.Id);
        Assert.Equal(host.Id, PeerId.FromEd25519(inner.Crypto.PublicKey));
        Assert.Equal(
            simulation.TimeProvider.GetUtcNow() + skew,
            DateTimeOffset.UnixEpoch.AddMicroseconds(inner.Platform.UnixMicrosecondsAtZero + inner.Platform.Now.Microseconds));
        Assert.Equal(1, started);
        host.Crash();
        host.Restart();
        Assert.Equal(2, started);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimulatedHostOptions { ClockSkew = TimeSpan.FromDays(20_000) });
    }

    [Fact]
    public void A_clock_that_resets_begins_every_life_at_the_time_of_the_first()
    {
        var simulation = new Simulation(1, new SimulationOptions(), TestMessageHost.Create);
        var host = simulation.AddHost(new SimulatedHostOptions { ClockResets = true, ClockSkew = TimeSpan.FromDays(-3_650) });
        var first = WallClock();
        simulation.Run(TimeSpan.FromHours(5));
        Assert.Equal(TimeSpan.FromHours(5), WallClock() - first);
        host.Crash();
        host.Restart();
        Assert.Equal(first, WallClock());
        Assert.Equal(simulation.TimeProvider.GetUtcNow() - TimeSpan.FromHours(5) - TimeSpan.FromDays(3_650), first);

        DateTimeOffset WallClock() =>
            DateTimeOffset.UnixEpoch.AddMicroseconds(host.Platform.UnixMicrosecondsAtZero + host.Platform.Now.Microseconds);
    }

    [Fact]
    public void A_clock_that_runs_fast_takes_its_timers_along_and_no_others()
    {
        var simulation = new Simulation(1, new SimulationOptions(), TestMessageHost.Create);
        var fast = simulation.AddHost(new SimulatedHostOptions { ClockRate = 1_000 }).Platform;
        var right = simulation.AddHost().Platform;
        var rings = new List<(string Who, TimeSpan At)>();
        Set(fast, "fast", TimeSpan.FromSeconds(7));
        Set(fast, "fast", TimeSpan.FromTicks(1));
        Set(right, "right", TimeSpan.FromSeconds(7));
        simulation.Run(TimeSpan.FromSeconds(10));
        Assert.Equal(
            [("fast", TimeSpan.FromTicks(1)), ("fast", TimeSpan.FromMilliseconds(7)), ("right", TimeSpan.FromSeconds(7))], rings);
        Assert.Equal(Instant.Zero + TimeSpan.FromSeconds(10_000), fast.Now);
        Assert.Equal(Instant.Zero + TimeSpan.FromSeconds(10), right.Now);
        Assert.Throws<ArgumentOutOfRangeException>(() => new SimulatedHostOptions { ClockRate = 0 });

        void Set(SimulatedPlatform platform, string who, TimeSpan after)
        {
            var due = platform.Now + after;
            platform.CreateTimer(() =>
            {
                Assert.True(platform.Now >= due);
                rings.Add((who, simulation.Now));
            }).Set(due);
        }
    }

    [Fact]
    public void A_crash_ends_ports_timers_and_posted_work_and_a_restart_keeps_the_identity()
    {
        var world = new World(6, 2, new LinkOptions { Delay = TimeSpan.FromMilliseconds(10) });
        var (a, b) = (world.Ends[0], world.Ends[1]);
        var (id, before, host) = (b.Host.Id, b.Host.Platform, b.Host.Host);
        var ran = 0;
        var timer = before.CreateTimer(() => ran++);
        timer.Set(Instant.FromMicroseconds(5_000));
        before.Scheduler.Post(new Work(() => ran++));
        a.Send(b, 1);
        b.Host.Crash();
        b.Host.Crash();
        Assert.False(b.Host.IsRunning);
        Assert.Throws<InvalidOperationException>(() => b.Host.Host);
        Assert.Throws<ObjectDisposedException>(() => before.OpenPort(IPAddress.Any, 0, 0, DatagramPortSettings.Default));
        b.Send(a, 99);
        before.Scheduler.Post(new Work(() => ran++));
        world.Simulation.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(0, ran);
        Assert.Empty(b.Arrivals);
        Assert.Empty(a.Arrivals);
        Assert.Equal(1, world.Network.Statistics.NoReceiver);

        b.Host.Restart();
        Assert.Throws<InvalidOperationException>(b.Host.Restart);
        b.Open();
        a.Send(b, 2);
        world.Simulation.Run(TimeSpan.FromSeconds(1));
        Assert.Equal([2], b.Arrivals.Select(arrival => arrival.Number));
        Assert.Equal(id, b.Host.Id);
        Assert.NotSame(host, b.Host.Host);
        Assert.NotSame(before, b.Host.Platform);
        Assert.NotEqual(before.Random.NextUInt64(), b.Host.Platform.Random.NextUInt64());
    }

    [Fact]
    public void Ports_conflict_and_addresses_are_checked_as_by_a_system()
    {
        var host = new World(7, 1, LinkOptions.Perfect).Ends[0].Host;
        var taken = Assert.Throws<MsgNetException>(() => host.Platform.OpenPort(IPAddress.Any, 4001, 0, DatagramPortSettings.Default));
        Assert.Contains("choose another port, or 0", taken.Message, StringComparison.Ordinal);
        Assert.Throws<MsgNetException>(() => host.Platform.OpenPort(IPAddress.Parse("192.0.2.1"), 0, 0, DatagramPortSettings.Default));
        using var first = host.Platform.OpenPort(IPAddress.Any, 0, 0, DatagramPortSettings.Default);
        using var second = host.Platform.OpenPort(IPAddress.Any, 0, 0, DatagramPortSettings.Default);
        Assert.NotEqual(first.Local.Port, second.Local.Port);
    }

    [Fact]
    public async Task Hosts_resolve_each_other_by_name()
    {
        var world = new World(8, 2, LinkOptions.Perfect);
        var addresses = await world.Ends[0].Host.Platform.ResolveName("HOST1", default);
        Assert.Equal(world.Ends[1].Host.LocalAddresses.Take(2), addresses);
        Assert.Empty(await world.Ends[0].Host.Platform.ResolveName("nobody", default));
    }

    [Fact]
    public void A_capture_holds_every_datagram_sent()
    {
        using var stream = new MemoryStream();
        var world = new World(9, 2, new LinkOptions { Loss = 1 });
        world.Network.Capture(stream);
        world.Ends[0].Send(world.Ends[1].Address4, 1, 100);
        world.Ends[0].Send(world.Ends[1].Address6, 2, 100);
        world.Network.Capture(null);
        world.Ends[0].Send(world.Ends[1].Address6, 3, 100);
        Assert.Equal(24 + (16 + 28 + 100) + (16 + 48 + 100), stream.Length);
    }

    private static World RunHostile(ulong seed)
    {
        var world = new World(seed, 4, Hostile);
        for (var i = 0; i < 500; i++)
        {
            var from = world.Simulation.Random.NextInt32(0, 4);
            var to = (from + world.Simulation.Random.NextInt32(1, 4)) % 4;
            world.Ends[from].Send(world.Ends[to].Address4, i, world.Simulation.Random.NextInt32(4, 1400));
            world.Simulation.Run(TimeSpan.FromMilliseconds(world.Simulation.Random.NextInt32(0, 4)));
            if (i % 100 == 50)
                world.Network.RebindNat(world.Ends[from].Host);
        }

        world.Simulation.Run(TimeSpan.FromSeconds(10));
        return world;
    }
}
