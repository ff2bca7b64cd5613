using MsgNet.Core;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>What an attacker in a simulation can do: see everything, and send what he likes from whatever address he likes.</summary>
public class ObserverTests
{
    [Fact]
    public void Every_datagram_is_seen_when_it_leaves_and_when_it_arrives()
    {
        var world = new World(1, 2, new LinkOptions { Delay = TimeSpan.FromMilliseconds(5), Loss = 0.5 });
        var (a, b) = (world.Ends[0], world.Ends[1]);
        var notes = new Notes();
        world.Network.Observer = new Tap(notes);
        for (var i = 0; i < 100; i++)
            a.Send(b, i);

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (a.Address4, b.Address4, i)), notes.Sent);
        Assert.Empty(notes.Arrived);
        world.Simulation.Run(TimeSpan.FromSeconds(1));
        Assert.InRange(notes.Arrived.Count, 1, 99);
        Assert.Equal(b.Arrivals.Select(arrival => (a.Address4, b.Address4, arrival.Number)), notes.Arrived);
    }

    [Fact]
    public void What_is_injected_arrives_now_from_where_it_says_and_answers_to_nobody_are_seen()
    {
        var world = new World(2, 2, new LinkOptions { Delay = TimeSpan.FromMilliseconds(5), Loss = 1 });
        var b = world.Ends[1];
        var notes = new Notes();
        world.Network.Observer = new Tap(notes);
        var nobody = NetAddress.From(System.Net.IPAddress.Parse("172.16.0.1"), 9_000, 0);
        world.Simulation.Run(TimeSpan.FromSeconds(3));
        world.Network.Inject(nobody, b.Address4, BitConverter.GetBytes(7));
        world.Network.Inject(nobody, nobody with { Port = 1 }, BitConverter.GetBytes(8));
        world.Simulation.Run(TimeSpan.Zero);
        Assert.Equal([(nobody, b.Address4, 7)], notes.Arrived);
        Assert.Equal(new Arrival(TimeSpan.FromSeconds(3), nobody with { LocalPort = 4 }, 7, 4), Assert.Single(b.Arrivals));

        b.Send(nobody, 9, 4);
        Assert.Equal([(b.Address4, nobody, 9)], notes.Sent);
        Assert.Equal(
            new SimulationStatistics { Sent = 1, BytesSent = 4, Delivered = 1, NoReceiver = 2 }, world.Network.Statistics);
    }

    private sealed class Notes : IDatagramObserver
    {
        public List<(NetAddress From, NetAddress To, int Number)> Sent { get; } = [];

        public List<(NetAddress From, NetAddress To, int Number)> Arrived { get; } = [];

        public void OnSent(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram) =>
            Sent.Add((Bare(from), Bare(to), BitConverter.ToInt32(datagram)));

        public void OnArrival(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram) =>
            Arrived.Add((Bare(from), Bare(to), BitConverter.ToInt32(datagram)));

        private static NetAddress Bare(in NetAddress address) => address with { LocalPort = 0 };
    }
}
