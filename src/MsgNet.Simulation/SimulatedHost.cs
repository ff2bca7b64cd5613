using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// A machine of a <see cref="Simulation"/> that runs one message host: the real one, in virtual time. It has one IPv4 and one IPv6
/// address, can crash and be restarted. Used by the simulation's thread, or between its runs.
/// </summary>
public sealed class SimulatedHost
{
    private const int EphemeralPortFirst = 49_152;
    private readonly Simulation simulation;
    private readonly SimulatedHostOptions options;
    private readonly List<SimulatedPort> ports = [];
    private readonly List<SimulatedHost> known = [];
    private readonly byte[] privateKey = new byte[SimulatedCrypto.KeyLength];
    private IMessageHost? messageHost;
    private SimulatedPlatform? platform;
    private int nextEphemeralPort = EphemeralPortFirst;
    private int lives;

    internal SimulatedHost(Simulation simulation, SimulatedHostOptions options, int index, IPAddress ipv4, IPAddress ipv6)
    {
        this.simulation = simulation;
        this.options = options;
        Index = index;
        Name = options.Name ?? $"host{index}";
        LocalAddresses = [ipv4, ipv6, IPAddress.Loopback, IPAddress.IPv6Loopback];
        Nat = new SimulatedNat(NetAddress.From(ipv4, 0, 0), NetAddress.From(ipv6, 0, 0));
        simulation.RandomOf(index, 0).Fill(privateKey);
        Crypto = new SimulatedCrypto(privateKey, simulation.RandomOf(index, 0));
        Id = PeerId.FromEd25519(Crypto.PublicKey);
    }

    /// <summary>Its number in the simulation, from 0.</summary>
    public int Index { get; }

    /// <summary>Its name; other hosts can resolve it as a DNS name.</summary>
    public string Name { get; }

    /// <summary>The peer id, the same in every life.</summary>
    public PeerId Id { get; }

    /// <summary>False between a crash and the restart.</summary>
    public bool IsRunning => messageHost is not null;

    /// <summary>The message host of this life.</summary>
    /// <exception cref="InvalidOperationException">It crashed.</exception>
    public IMessageHost Host =>
        messageHost ?? throw new InvalidOperationException($"{Name} is down; call Restart first.");

    /// <summary>Its own addresses, as it sees them: IPv4, IPv6, and loopback of both.</summary>
    public IReadOnlyList<IPAddress> LocalAddresses { get; }

    /// <summary>
    /// What this host's link does, both ways, where two hosts have no options of their own. Null: what the network's default says.
    /// </summary>
    public LinkOptions? Link { get; set; }

    /// <summary>
    /// How far its wall clock has been moved since the start, besides the skew it began with. Set it while the host runs: a step forward is
    /// what a host sees of time in which its machine slept; the next life starts with it. Default zero.
    /// </summary>
    public TimeSpan WallClockOffset { get; set; }

    internal SimulatedNetwork Network => simulation.Network;

    internal SimulatedNat Nat { get; }

    /// <summary>The cryptography of this life.</summary>
    internal SimulatedCrypto Crypto { get; private set; }

    /// <summary>Links to other hosts, by their index; null where nothing was sent or set yet.</summary>
    internal List<SimulatedLink?> Links { get; } = [];

    /// <summary>The platform of this life, for tests of machines below a message host.</summary>
    internal SimulatedPlatform Platform =>
        platform ?? throw new InvalidOperationException($"{Name} is down; call Restart first.");

    /// <summary>Tells this host's peerstore the addresses of <paramref name="other"/>, now and after every restart.</summary>
    public void Learn(SimulatedHost other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other != this && !known.Contains(other))
            known.Add(other);
        if (IsRunning && other.IsRunning)
            AddAddresses(other);
    }

    /// <summary>
    /// Ends the host as a power cut does: no goodbye, nothing it had in memory survives, no code of it runs again. A task that waits for
    /// it never ends.
    /// </summary>
    public void Crash()
    {
        platform?.Kill();
        platform = null;
        messageHost = null;
        foreach (var port in ports.ToArray())
            port.Dispose();
    }

    /// <summary>Starts the host again after a <see cref="Crash"/>: same identity, name and addresses, nothing else remembered.</summary>
    /// <exception cref="InvalidOperationException">It runs.</exception>
    public void Restart()
    {
        if (platform is not null)
            throw new InvalidOperationException($"{Name} runs; call Crash first.");

        Boot();
        foreach (var other in known.Where(other => other.IsRunning))
            AddAddresses(other);
    }

    /// <inheritdoc/>
    public override string ToString() => Name;

    internal void Boot()
    {
        lives++;
        platform = new SimulatedPlatform(this, simulation.Queue, simulation.RandomOf(Index, lives), options);
        Crypto = new SimulatedCrypto(privateKey, simulation.RandomOf(Index, -lives));
        messageHost = simulation.CreateMessageHost(this, platform, Crypto, lives == 1, options);
        options.Started?.Invoke(this);
    }

    internal SimulatedPort OpenPort(IPAddress address, int port, int localPort)
    {
        ArgumentNullException.ThrowIfNull(address);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)port, 65_535u);
        var isIPv4 = address.AddressFamily == AddressFamily.InterNetwork;
        var isAny = address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any);
        if (!isAny && !LocalAddresses.Contains(address))
            throw new MsgNetException($"Cannot listen on {address} (UDP): {Name} has only {string.Join(", ", LocalAddresses)}.");

        var number = port == 0 ? FreePort(isIPv4) : port;
        if (PortAt(isIPv4, number) is not null)
            throw new MsgNetException($"Cannot listen on {address}:{number} (UDP): in use on {Name}; choose another port, or 0.");

        var opened = new SimulatedPort(Network, this, NetAddress.From(address, number, localPort), IPAddress.IsLoopback(address));
        ports.Add(opened);
        return opened;
    }

    internal bool TryFindPort(in NetAddress to, [NotNullWhen(true)] out SimulatedPort? port)
    {
        port = null;
        var isLoopback = SimulatedNetwork.IsLoopback(to);
        var number = to.Port;
        if (!isLoopback && !Nat.TryIncoming(to, out number))
            return false;

        port = PortAt(to.IsIPv4, number);
        return port is not null && (isLoopback || !port.IsLoopbackOnly);
    }

    internal void ForgetPort(SimulatedPort port) => ports.Remove(port);

    private SimulatedPort? PortAt(bool isIPv4, int number)
    {
        // A host has a handful of ports: a look through them is quicker than a table.
        foreach (var port in ports)
        {
            if (port.Local.Port == number && port.Local.IsIPv4 == isIPv4)
                return port;
        }

        return null;
    }

    private int FreePort(bool isIPv4)
    {
        for (var tries = EphemeralPortFirst; tries <= ushort.MaxValue; tries++)
        {
            var port = nextEphemeralPort;
            nextEphemeralPort = port == ushort.MaxValue ? EphemeralPortFirst : port + 1;
            if (PortAt(isIPv4, port) is null)
                return port;
        }

        throw new MsgNetException($"{Name} has no free UDP port left; close some hosts.");
    }

    private void AddAddresses(SimulatedHost other)
    {
        foreach (var address in other.Host.Addresses)
        {
            // Another machine's loopback leads back to this one.
            if (!address.TryGetUdpEndPoint(out var ip, out _) || !IPAddress.IsLoopback(ip))
                Host.Network.Peerstore.AddAddress(other.Id, address);
        }
    }
}
