using System.Net;
using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>
/// The network between the hosts of a <see cref="Simulation"/>. Everything about it can be changed while the simulation runs; datagrams
/// on their way keep what was decided when they were sent. Used by the simulation's thread, or between its runs.
/// </summary>
public sealed class SimulatedNetwork
{
    private const int UdpPayloadMax = 65_507;
    private readonly SimulationQueue queue;
    private readonly SeededRandom random;
    private readonly TraceHash trace = new();
    private readonly List<SimulatedHost> hosts = [];
    private readonly Dictionary<AddressKey, SimulatedHost> owners = [];
    private readonly Stack<DatagramInFlight> pool = new();
    private readonly FateCounters counters = new();
    private PcapWriter? capture;
    private int addressesGiven;

    internal SimulatedNetwork(SimulationQueue queue, SeededRandom random, long datagramsMax)
    {
        this.queue = queue;
        this.random = random;
        DatagramsMax = datagramsMax;
    }

    /// <summary>What every link does that has no options of its own, and whose hosts have none.</summary>
    public LinkOptions Default
    {
        get;
        set
        {
            ArgumentNullException.ThrowIfNull(value);
            field = value;
        }
    } = LinkOptions.Perfect;

    /// <summary>Datagrams that may be sent before <see cref="Simulation"/> gives up: a guard against storms.</summary>
    public long DatagramsMax { get; }

    /// <summary>Counts so far.</summary>
    public SimulationStatistics Statistics => counters.ToStatistics();

    /// <summary>A 64-bit hash of every datagram sent, lost and delivered, with its time and bytes: equal for equal runs.</summary>
    public ulong TraceHash => trace.Value;

    /// <summary>Hosts by index.</summary>
    internal IReadOnlyList<SimulatedHost> Hosts => hosts;

    /// <summary>Told of every datagram; null for nobody.</summary>
    internal IDatagramObserver? Observer { get; set; }

    /// <summary>True once more than <see cref="DatagramsMax"/> datagrams were sent; those beyond are dropped.</summary>
    internal bool IsOverLimit => counters.Sent > DatagramsMax;

    /// <summary>
    /// Sets what the link does from one host to the other, in that direction only. Null: no options of its own; then those of the sending
    /// host hold (<see cref="SimulatedHost.Link"/>), else those of the receiving one, else <see cref="Default"/>.
    /// </summary>
    public void SetLink(SimulatedHost from, SimulatedHost to, LinkOptions? options) => LinkOf(from, to).Own = options;

    /// <summary>
    /// From now on, what two hosts send to a third passes one link, that of the first: they share its rate and queue, its loss, its options
    /// and its partitions.
    /// </summary>
    public void ShareLink(SimulatedHost first, SimulatedHost second, SimulatedHost to)
    {
        LinkOf(second, to);
        second.Links[to.Index] = LinkOf(first, to);
    }

    /// <summary>How long a datagram sent now would wait for the link's rate; zero while nothing waits, and without a rate.</summary>
    public TimeSpan QueueDelay(SimulatedHost from, SimulatedHost to) => LinkOf(from, to).QueueDelay(queue.Clock.Now);

    /// <summary>Cuts both directions between two hosts.</summary>
    public void Partition(SimulatedHost first, SimulatedHost second) => Partition(first, second, PartitionDirection.Both);

    /// <summary>Cuts the link between two hosts in that direction; what was cut before stays cut.</summary>
    public void Partition(SimulatedHost first, SimulatedHost second, PartitionDirection direction)
    {
        if (direction is not PartitionDirection.SecondToFirst)
            LinkOf(first, second).IsCut = true;
        if (direction is not PartitionDirection.FirstToSecond)
            LinkOf(second, first).IsCut = true;
    }

    /// <summary>Mends both directions between two hosts.</summary>
    public void Heal(SimulatedHost first, SimulatedHost second)
    {
        LinkOf(first, second).IsCut = false;
        LinkOf(second, first).IsCut = false;
    }

    /// <summary>Mends every partition.</summary>
    public void HealAll()
    {
        foreach (var host in hosts)
        {
            foreach (var link in host.Links)
                link?.IsCut = false;
        }
    }

    /// <summary>
    /// Makes the host's NAT forget its mappings: from now on others see new source ports, and nothing sent to the old ones arrives. The
    /// host keeps its IP address, but nobody reaches its listening port unless it sends first.
    /// </summary>
    public void RebindNat(SimulatedHost host)
    {
        RequireOwn(host);
        host.Nat.Rebind(host.Nat.VisibleIPv4, host.Nat.VisibleIPv6);
    }

    /// <summary>As <see cref="RebindNat"/>, with new visible IP addresses too: a phone that leaves the Wi-Fi.</summary>
    public void ChangeAddress(SimulatedHost host)
    {
        RequireOwn(host);
        owners.Remove(AddressKey.Of(host.Nat.VisibleIPv4));
        owners.Remove(AddressKey.Of(host.Nat.VisibleIPv6));
        var (ipv4, ipv6) = NextAddresses();
        host.Nat.Rebind(ipv4, ipv6);
        SetOwner(host);
    }

    /// <summary>
    /// Writes every datagram, also those that get lost, to <paramref name="stream"/> as it is sent, in the pcap format. Null ends it.
    /// </summary>
    public void Capture(Stream? stream)
    {
        capture?.Dispose();
        capture = stream is null ? null : new PcapWriter(stream);
    }

    internal SimulatedHost AddHost(Func<int, IPAddress, IPAddress, SimulatedHost> create)
    {
        var (ipv4, ipv6) = NextAddresses();
        var host = create(hosts.Count, ipv4.ToIPAddress(), ipv6.ToIPAddress());
        hosts.Add(host);
        SetOwner(host);
        return host;
    }

    internal void Send(SimulatedPort port, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        counters.Sent++;
        counters.BytesSent += datagram.Length;
        if (IsOverLimit)
            return;

        var loopback = IsLoopback(to);
        var from = loopback ? to with { Port = port.Local.Port } : port.Host.Nat.Outgoing(port.Local.IsIPv4, port.Local.Port);
        if (datagram.Length <= UdpPayloadMax && from.IsIPv4 == to.IsIPv4)
            capture?.Write(SimulationClock.UnixMicrosecondsAtStart + queue.Clock.Now.Microseconds, from, to, datagram);

        Observer?.OnSent(from, to, datagram);
        var receiver = loopback ? port.Host : owners.GetValueOrDefault(AddressKey.Of(to));
        if (receiver is null || port.Local.IsIPv4 != to.IsIPv4)
            Drop(from, to, DatagramFate.NoReceiver, datagram);
        else if (datagram.Length > UdpPayloadMax)
            Drop(from, to, DatagramFate.TooLarge, datagram);
        else if (receiver == port.Host)
            Launch(receiver, from, to, datagram, queue.Clock.Now);
        else
            Pass(port.Host, receiver, from, to, datagram);
    }

    /// <summary>
    /// A datagram that no host sent, from whatever source it claims: it arrives now, counts as delivered and not as sent.
    /// </summary>
    internal void Inject(in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        if (owners.TryGetValue(AddressKey.Of(to), out var receiver))
            Launch(receiver, from, to, datagram, queue.Clock.Now);
        else
            Drop(from, to, DatagramFate.NoReceiver, datagram);
    }

    internal void Arrive(DatagramInFlight datagram)
    {
        var to = datagram.To;
        if (datagram.Receiver.TryFindPort(to, out var port))
        {
            counters.Delivered++;
            Observer?.OnArrival(datagram.From, to, datagram.Data);
            trace.Add(queue.Clock.Now, datagram.From, to, DatagramFate.Delivered, datagram.Data);
            port.TryDeliver(datagram.From, datagram.Data);
        }
        else
        {
            Drop(datagram.From, to, DatagramFate.NoReceiver, datagram.Data);
        }

        pool.Push(datagram);
    }

    private void Pass(SimulatedHost sender, SimulatedHost receiver, in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram)
    {
        var link = LinkOf(sender, receiver);
        var options = link.Own ?? sender.Link ?? receiver.Link ?? Default;
        var fate = link.Admit(options, random, queue.Clock.Now, datagram.Length, out var leavesAt);
        if (fate != DatagramFate.Delivered)
        {
            Drop(from, to, fate, datagram);
            return;
        }

        var heldBack = options.Reorder > 0 && random.NextBool(options.Reorder);
        counters.HeldBack += heldBack ? 1 : 0;
        var extra = heldBack ? random.NextTime(options.ReorderDelay) : TimeSpan.Zero;
        Launch(receiver, from, to, datagram, leavesAt + TravelTime(options) + extra);
        if (options.Duplicate == 0 || !random.NextBool(options.Duplicate))
            return;

        counters.Duplicated++;
        Launch(receiver, from, to, datagram, leavesAt + TravelTime(options));
    }

    private TimeSpan TravelTime(LinkOptions options) =>
        options.Jitter > TimeSpan.Zero ? options.Delay + random.NextTime(options.Jitter) : options.Delay;

    private void Launch(SimulatedHost receiver, in NetAddress from, in NetAddress to, ReadOnlySpan<byte> datagram, Instant arrival)
    {
        if (!pool.TryPop(out var flight))
            flight = new DatagramInFlight(this);
        flight.Fill(receiver, from, to, datagram);
        queue.Set(flight, arrival);
    }

    private void Drop(in NetAddress from, in NetAddress to, DatagramFate fate, ReadOnlySpan<byte> datagram)
    {
        counters.Add(fate);
        trace.Add(queue.Clock.Now, from, to, fate, datagram);
    }

    private SimulatedLink LinkOf(SimulatedHost from, SimulatedHost to)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        if (to.Index < from.Links.Count && from.Links[to.Index] is { } known && from.Network == this && to.Network == this)
            return known;

        if (from == to)
            throw new ArgumentException($"{from} has no link to itself; what a host sends to itself always arrives.", nameof(to));
        RequireOwn(from);
        RequireOwn(to);
        while (from.Links.Count <= to.Index)
            from.Links.Add(null);
        var link = new SimulatedLink();
        from.Links[to.Index] = link;
        return link;
    }

    private void RequireOwn(SimulatedHost host)
    {
        ArgumentNullException.ThrowIfNull(host);
        if (host.Network != this)
            throw new ArgumentException($"{host} is a host of another simulation.", nameof(host));
    }

    private (NetAddress IPv4, NetAddress IPv6) NextAddresses()
    {
        var number = ++addressesGiven;
        var ipv4 = new IPAddress([10, (byte)(number >> 16), (byte)(number >> 8), (byte)number]);
        var ipv6 = new NetAddress(0xFD00_0000_0000_0000, (ulong)number, 0, 0, 0);
        return (NetAddress.From(ipv4, 0, 0), ipv6);
    }

    private void SetOwner(SimulatedHost host)
    {
        owners[AddressKey.Of(host.Nat.VisibleIPv4)] = host;
        owners[AddressKey.Of(host.Nat.VisibleIPv6)] = host;
    }

    internal static bool IsLoopback(in NetAddress address) =>
        address.IsIPv4 ? (byte)(address.Low >> 24) == 127 : address.High == 0 && address.Low == 1;

    private readonly record struct AddressKey(ulong High, ulong Low)
    {
        public static AddressKey Of(in NetAddress address) => new(address.High, address.Low);
    }
}
