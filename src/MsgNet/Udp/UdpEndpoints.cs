using System.Net;
using System.Net.Sockets;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Drives the host's <see cref="UdpNode"/>: its bound ports, its timer, its datagrams. One per host, shared by every socket of the host; a
/// port is counted by the sockets that listen on it and closed with the last (API-015).
/// </summary>
/// <remarks>
/// Everything happens under the host's gate, but opening (<see cref="UdpArrivals"/>) and sealing and sending, which whoever leaves the gate
/// does; <see cref="Pump"/> ends every entry into the machine.
/// </remarks>
internal sealed partial class UdpEndpoints
{
    private readonly List<Endpoint?> ports = [];
    private readonly List<UdpSocket> sockets = [];
    private readonly IPlatformTimer timer;
    private readonly AcceptQuestions? questions;
    private readonly UdpEvents events;
    private readonly DropReports drops;
    private WaitQueue? drained;

    public UdpEndpoints(TransportContext context)
    {
        Context = context;
        questions = context.Options.AcceptPeer is { } accept ? new AcceptQuestions(this, accept) : null;
        Node = new UdpNode(context.Crypto, context.Platform.Random, context.Protocols, new UdpNodeSettings
        {
            UnixMicrosecondsAtZero = context.Platform.UnixMicrosecondsAtZero,
            StartedAt = context.Platform.Now,
            IdentityIsFresh = context.IdentityIsFresh,
            PeersMax = context.Options.PeersMax,
            ReliableMessageSizeMax = context.Options.MessageSizeMax,
            LaneReceiveBudget = context.Options.ReceiveBudget,
            LanesShareWindows = context.Options.ReceiveBudgetPerPeer is null,
            AskBeforeAccepting = questions is not null,
            AnswerWho = context.Options.AnswerWho,
            EarlyNeedsCookie = context.Options.EarlyNeedsCookie,
            OfferAes = context.Options.OfferAes,
            CongestionControl = context.Options.CongestionControl,
            PoisonReturnedBuffers = context.Options.PoisonReturnedBuffers,
        });
        line = new OutgoingLine(Node);
        events = new UdpEvents(this);
        Lanes = new LaneEvents(this);
        drops = new DropReports(Node.Counters, context.Logger);
        Dialer = new UdpDialer(this);
        Resolver = new UdpResolver(this);
        credit = new FlushCredit(context.Platform.Scheduler, OnDeferred);
        timer = context.Platform.CreateTimer(OnTimer);
        context.Gate.Attach(this);
    }

    public TransportContext Context { get; }

    /// <summary>The last socket has given up its share. Under the gate.</summary>
    public bool IsClosed { get; private set; }

    public UdpNode Node { get; }

    public UdpDialer Dialer { get; }

    public UdpResolver Resolver { get; }

    public LaneEvents Lanes { get; }

    public UdpEvents Events => events;

    /// <summary>What was lost at the host's ports and inboxes, those that were closed among them.</summary>
    public UdpLosses Losses { get; } = new();

    /// <summary>How the host's ports move datagrams.</summary>
    public DatagramPortSettings PortSettings => Context.Options.PortSettings with { Losses = Losses }; // API-155

    /// <summary>Ports that are open. Under the gate.</summary>
    public IReadOnlyList<IDatagramPort> Ports => [.. ports.OfType<Endpoint>().Select(endpoint => endpoint.Port)];

    /// <summary>Whether what a port received is still taken. Under the gate.</summary>
    public bool IsOpen(IDatagramPort port) => !IsClosed && PortAt(port.Local.LocalPort) == port;

    /// <summary>Sessions by peer, to be told what happens to it.</summary>
    public UdpSessionTable Sessions { get; } = new();

    /// <summary>Those who wait until nothing is left to send.</summary>
    public WaitQueue Drained => drained ??= new WaitQueue(Context.Gate, Context.Platform.Scheduler);

    public Instant Now => Context.Platform.Now;

    /// <summary>Who takes a peer's messages on a protocol: its session, else the host's handler; or nobody. Under the gate.</summary>
    public IMessageConsumer? ConsumerOf(PeerId peer, ProtocolId protocol) =>
        Sessions.ConsumerOf(peer, protocol) ?? Context.Sink.ConsumerOf(protocol);

    /// <summary>Binds a port, or attaches to the one that is bound there already.</summary>
    public NetAddress Listen(IPAddress address, int port)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(UdpTransport));
        foreach (var open in ports)
        {
            if (open is not null && port != 0 && open.Port.Local.Port == port && open.Port.Local.ToIPAddress().Equals(address))
            {
                open.Listeners++;
                return open.Port.Local;
            }
        }

        return Bind(address, port, listeners: 1).Local;
    }

    /// <summary>Adds a socket that shares these endpoints.</summary>
    public void Attach(UdpSocket socket)
    {
        ObjectDisposedException.ThrowIf(IsClosed, typeof(UdpTransport));
        sockets.Add(socket);
    }

    /// <summary>Gives up a socket's share, the last one everything; returns unused ports, to be closed outside the gate.</summary>
    public IReadOnlyList<IDisposable> Detach(UdpSocket socket, IReadOnlyList<NetAddress> listening)
    {
        sockets.Remove(socket);
        if (sockets.Count == 0)
            return Close();

        var unused = new List<IDisposable>();
        foreach (var bound in listening)
        {
            if (ports[bound.LocalPort] is { } open && --open.Listeners == 0)
            {
                // API-018: later there is no port to say goodbye from.
                foreach (var peer in Node.Peers.Where(peer => peer.Address?.LocalPort == bound.LocalPort).ToArray())
                    ClosePeer(peer.Id, CloseCode.HostClosing);
                PumpNow();
                ports[bound.LocalPort] = null;
                unused.Add(open.Port);
            }
        }

        return unused;
    }

    /// <summary>The socket that reads messages outside protocols; null when none does.</summary>
    public UdpSocket? RawReader => sockets.Find(socket => socket.Reads);

    /// <summary>Where answers to a peer's messages outside protocols go; null when it is nowhere.</summary>
    public Multiaddress? ReturnAddress(PeerId peer) =>
        Node.TryFindPeer(peer, out var channel) && channel.Address is { } address ? UdpAddress.From(address).WithPeerId(peer) : null;

    /// <summary>The number of the port to reach an address from; binds an ephemeral one where none fits.</summary>
    /// <exception cref="MsgNetException">The system has no port of that family.</exception>
    public int PortFor(IPAddress remote)
    {
        var usable = -1;
        foreach (var open in ports)
        {
            if (open is null)
                continue;

            var local = open.Port.Local.ToIPAddress();
            if (local.AddressFamily != remote.AddressFamily)
                continue;
            if (local.Equals(IPAddress.Any) || local.Equals(IPAddress.IPv6Any))
                return open.Port.Local.LocalPort;
            if (IPAddress.IsLoopback(local) == IPAddress.IsLoopback(remote))
                usable = open.Port.Local.LocalPort;
        }

        if (usable >= 0)
            return usable;

        var any = remote.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;
        return Bind(any, 0, listeners: 0).Local.LocalPort; // API-016
    }

    /// <summary>True when nothing waits for any peer, nor is on its way to a port.</summary>
    public bool IsDrained
    {
        get
        {
            if (!line.IsEmpty)
                return false;

            foreach (var peer in Node.Peers)
            {
                if (!peer.IsDrained)
                    return false;
            }

            return Sessions.IsDrained;
        }
    }

    /// <summary>Has the user asked about a peer, outside the gate.</summary>
    public void Ask(PeerId peer, Multiaddress address) => questions!.Ask(peer, address);

    /// <summary>Takes the user's answer.</summary>
    public void Answer(PeerId peer, bool accepts)
    {
        using (Context.Gate.Enter())
        {
            if (IsClosed)
                return;

            var now = Now;
            if (accepts)
                Node.Accept(now, peer, events.List);
            else
                Node.Refuse(now, peer, events.List);
            events.Handle(now, default);
            Pump();
        }

        Context.Sink.RunInline();
    }

    /// <summary>Says goodbye to a peer.</summary>
    public void ClosePeer(PeerId id, CloseCode code)
    {
        Dialer.Forget(id);
        if (!Node.TryFindPeer(id, out var peer))
            return;

        var now = Now;
        Node.Close(now, peer, code, events.List);
        events.Handle(now, default);
        Sessions.FailAll(id, null); // of a channel that was never ready nothing is reported
        PumpNow();
    }

    // Says goodbye to everybody and wipes the keys; returns the ports to close. Who misses the goodbye finds nobody at the port: there is
    // no answer to wait for.
    private List<IDisposable> Close()
    {
        foreach (var peer in Node.Peers.ToArray())
            ClosePeer(peer.Id, CloseCode.HostClosing);

        PumpNow(); // what is on its way
        IsClosed = true;
        Resolver.Close();
        Node.Dispose();
        timer.Dispose();
        var open = ports.OfType<Endpoint>().Select(endpoint => (IDisposable)endpoint.Port).ToList();
        ports.Clear();
        return open;
    }

    private IDatagramPort Bind(IPAddress address, int port, int listeners)
    {
        var slot = ports.IndexOf(null);
        if (slot < 0)
        {
            slot = ports.Count;
            ports.Add(null);
        }

        var opened = Context.Platform.OpenPort(address, port, slot, PortSettings);
        ports[slot] = new Endpoint(opened) { Listeners = listeners };
        opened.Start(new UdpArrivals(this, opened));
        return opened;
    }

    private sealed class Endpoint(IDatagramPort port)
    {
        public IDatagramPort Port { get; } = port;

        public int Listeners { get; set; }
    }
}
