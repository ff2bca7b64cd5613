using System.Net;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet.Simulation.Tests;

/// <summary>A simulation of hosts without message hosts: ports only, and all that arrived at them.</summary>
internal sealed class World
{
    public World(ulong seed, int hosts, LinkOptions link)
        : this(seed, hosts, new SimulationOptions { Link = link })
    {
    }

    public World(ulong seed, int hosts, SimulationOptions options)
    {
        Simulation = new Simulation(seed, options, TestMessageHost.Create);
        Ends = [.. Enumerable.Range(0, hosts).Select(_ => new End(Simulation, Simulation.AddHost()))];
    }

    public Simulation Simulation { get; }

    public SimulatedNetwork Network => Simulation.Network;

    public IReadOnlyList<End> Ends { get; }
}

/// <summary>One host of a <see cref="World"/> with a port on 4001 of both IP versions.</summary>
internal sealed class End : IDatagramReceiver
{
    private readonly Simulation simulation;

    public End(Simulation simulation, SimulatedHost host)
    {
        this.simulation = simulation;
        Host = host;
        Open();
    }

    public SimulatedHost Host { get; }

    public IDatagramPort Port4 { get; private set; } = null!;

    public IDatagramPort Port6 { get; private set; } = null!;

    public NetAddress Address4 => NetAddress.From(Host.LocalAddresses[0], 4001, 0);

    public NetAddress Address6 => NetAddress.From(Host.LocalAddresses[1], 4001, 0);

    public List<Arrival> Arrivals { get; } = [];

    public void Open()
    {
        Port4 = Host.Platform.OpenPort(IPAddress.Any, 4001, 4, DatagramPortSettings.Default);
        Port6 = Host.Platform.OpenPort(IPAddress.IPv6Any, 4001, 6, DatagramPortSettings.Default);
        Port4.Start(this);
        Port6.Start(this);
    }

    public void Send(End to, int number) => Send(to.Address4, number, sizeof(int));

    public void Send(in NetAddress to, int number, int length)
    {
        var datagram = new byte[length];
        BitConverter.TryWriteBytes(datagram, number);
        (to.IsIPv4 ? Port4 : Port6).Send(to, datagram);
    }

    public void OnDatagrams(ReadOnlySpan<ReceivedRun> runs)
    {
        var datagrams = new ReceivedDatagrams(runs);
        while (datagrams.TryNext(out var datagram))
            Arrivals.Add(new Arrival(simulation.Now, datagrams.From, BitConverter.ToInt32(datagram), datagram.Length));
    }
}

internal sealed record Arrival(TimeSpan At, NetAddress From, int Number, int Length);
