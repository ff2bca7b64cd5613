using System.Diagnostics;
using System.Net;

namespace MsgNet.NetworkTests;

/// <summary>
/// An internet within this process: real sockets of real namespaces, whose packets all pass through here and meet NATs and faults that a
/// seed decides. A packet goes host → up link → router → router → down link → host.
/// </summary>
internal sealed unsafe class InternetBox : IDisposable
{
    private const int PacketMax = 65_536;
    private const int BatchMax = 64;
    private static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(20);

    private readonly List<BoxHost> hosts = [];
    private readonly List<Nat> routers = [];
    private readonly PriorityQueue<(BoxHost To, byte[] Packet), (TimeSpan When, long Order)> inFlight = new();
    private readonly byte[] buffer = new byte[PacketMax];
    private readonly Lock gate = new();
    private readonly long start = Stopwatch.GetTimestamp();
    private readonly Random random;
    private Thread? thread;
    private volatile bool closing;
    private Exception? failure;
    private long order;

    public InternetBox(int seed) => random = new Random(seed);

    private TimeSpan Now => Stopwatch.GetElapsedTime(start);

    /// <summary>Adds a router, before the box is started.</summary>
    public Nat AddRouter(string externalAddress, NatOptions options)
    {
        var router = new Nat(externalAddress, options, new Random(random.Next()));
        routers.Add(router);
        return router;
    }

    /// <summary>Adds a host on the open internet, before the box is started.</summary>
    public BoxHost AddHost(string name, params string[] addresses) => AddHost(name, null, addresses);

    /// <summary>Adds a host behind a router, before the box is started.</summary>
    public BoxHost AddHost(string name, Nat? router, params string[] addresses)
    {
        var host = new BoxHost(name, [.. addresses.Select(IPAddress.Parse)], router, random);
        hosts.Add(host);
        return host;
    }

    /// <summary>Starts to carry packets.</summary>
    public void Start()
    {
        thread = new Thread(Guard) { IsBackground = true, Name = "Internet" };
        thread.Start();
    }

    /// <summary>Changes settings, or reads counters, between two packets.</summary>
    public void Do(Action change)
    {
        lock (gate)
            change();
    }

    /// <summary>Reads something between two packets.</summary>
    public T Read<T>(Func<T> read)
    {
        lock (gate)
            return read();
    }

    /// <summary>Both directions of a host's link.</summary>
    public void SetFaults(BoxHost host, LinkFaults faults) => Do(() => host.Up.Faults = host.Down.Faults = faults);

    public void Dispose()
    {
        closing = true;
        thread?.Join();
        foreach (var host in hosts)
            host.Dispose();
        if (failure is not null)
            throw new InvalidOperationException("The internet broke.", failure);
    }

    private void Guard()
    {
        try
        {
            Run();
        }
        catch (Exception error)
        {
            failure = error; // told by Dispose
        }
    }

    private void Run()
    {
        var waited = stackalloc LibC.Waited[hosts.Count];
        for (var i = 0; i < hosts.Count; i++)
            waited[i] = new LibC.Waited { Descriptor = hosts[i].Tun.Descriptor, Events = LibC.PollIn };

        while (!closing)
        {
            var wait = Read(TimeToWait);
            var timeout = new LibC.TimeSpec { Nanoseconds = (long)wait.TotalNanoseconds };
            _ = LibC.Poll(waited, (nuint)hosts.Count, &timeout, null);
            lock (gate)
            {
                for (var i = 0; i < hosts.Count; i++)
                {
                    if (waited[i].Happened != 0)
                        TakeFrom(hosts[i]);
                }

                Deliver();
            }
        }
    }

    private TimeSpan TimeToWait()
    {
        if (!inFlight.TryPeek(out _, out var next))
            return WaitMax;

        var wait = next.When - Now;
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait < WaitMax ? wait : WaitMax;
    }

    private void TakeFrom(BoxHost host)
    {
        for (var left = BatchMax; left > 0; left--)
        {
            var length = host.Tun.Read(buffer);
            if (length == 0)
                return;
            if (!host.IsUnplugged && IpPacket.TryParse(buffer.AsSpan(0, length), out var packet))
                Carry(host, packet);
        }
    }

    private void Carry(BoxHost from, IpPacket packet)
    {
        var now = Now;
        var copies = from.Up.Judge(now, packet, out var leaves);
        if (copies == 0 || (from.Router is { } router && !router.TryGoOut(now, packet)))
            return;
        if (Receiver(now, packet) is not { } to)
            return;

        for (; copies > 0; copies--)
        {
            // A copy of its own: the link may damage one and not the other.
            if (!IpPacket.TryParse(packet.Bytes.ToArray(), out var copy))
                return;
            for (var left = to.Down.Judge(leaves, copy, out var arrives); left > 0; left--)
                inFlight.Enqueue((to, copy.Bytes.ToArray()), (arrives, order++));
        }
    }

    private BoxHost? Receiver(TimeSpan now, IpPacket packet)
    {
        var external = packet.Destination.Address;
        var router = routers.Find(candidate => candidate.Address == external);
        if (router is not null && !router.TryComeIn(now, packet))
            return null;

        var address = packet.Destination.Address;
        return hosts.Find(host => host.Router == router && host.Addresses.Contains(address));
    }

    private void Deliver()
    {
        var now = Now;
        while (inFlight.TryPeek(out var next, out var time) && time.When <= now)
        {
            inFlight.Dequeue();
            if (!next.To.IsUnplugged)
                next.To.Tun.Write(next.Packet);
        }
    }
}
