using System.Text;
using MsgNet.Sodium;
using MsgNet.Testing;
using KeyPair = MsgNet.Identity;

namespace MsgNet.Core.Tests.Node;

/// <summary>A node with its driver: real cryptography, seeded randomness, a log of what happened, handlers that echo.</summary>
internal sealed partial class TestNode
{
    private readonly NodeNetwork network;
    private readonly KeyPair identity;
    private readonly NodeEvents events = new();
    private readonly byte[] buffer = new byte[Limits.DatagramSizeMax];
    private ObservingCrypto crypto = null!;
    private int starts;

    public TestNode(NodeNetwork network, int number)
    {
        this.network = network;
        Number = number;
        var seed = new byte[KeyPair.SeedLength];
        seed[0] = (byte)number;
        seed[1] = (byte)network.Seed;
        identity = KeyPair.FromSeed(seed);
        Address = NetAddress.From(new System.Net.IPAddress([10, 0, 0, (byte)number]), 4000 + number, 0);
        Start();
    }

    public int Number { get; }

    public PeerId Id => identity.Id;

    public ReadOnlySpan<byte> PublicKey => identity.PublicKey;

    public NetAddress Address { get; set; }

    public UdpNode Machine { get; private set; } = null!;

    public ProtocolRegistry Protocols { get; private set; } = null!;

    public List<Happened> Log { get; } = [];

    /// <summary>Answers a request at once; null leaves it to the test.</summary>
    public Func<Happened, (ReplyStatus Status, byte[] Data)?> OnRequest { get; set; } = request => (ReplyStatus.Ok, request.Data);

    public UdpNodeSettings Settings { get; set; } =
        new() { UnixMicrosecondsAtZero = 1_800_000_000_000_000, StartedAt = default, PoisonReturnedBuffers = true };

    /// <summary>What its keys say they have sealed already, from the next start on.</summary>
    public ulong CountersFrom { get; set; }

    /// <summary>The node's wall clock, µs since 1970.</summary>
    public ulong Clock => (ulong)(Settings.UnixMicrosecondsAtZero + network.Now.Microseconds);

    public IEnumerable<Happened> Messages => Log.Where(happened => happened.Kind == NodeEventKind.Message && happened.RequestId == 0);

    public IEnumerable<Happened> Requests => Log.Where(happened => happened.Kind == NodeEventKind.Message && happened.RequestId != 0);

    public IEnumerable<Happened> Replies => Log.Where(happened => happened.Kind == NodeEventKind.Reply);

    public IEnumerable<string> Texts => Messages.Select(happened => happened.Text);

    /// <summary>The states of requests taken by <see cref="TryRequest"/> in this life.</summary>
    public HashSet<object> Asked { get; } = [];

    /// <summary>The states of requests that ended.</summary>
    public IEnumerable<object> Ended =>
        Log.Where(happened => happened.Kind is NodeEventKind.Reply or NodeEventKind.RequestFailed).Select(happened => happened.State!);

    public int Count(NodeEventKind kind) => Log.Count(happened => happened.Kind == kind);

    /// <summary>A new process with the same identity: nothing else is remembered.</summary>
    public void Start()
    {
        Asked.Clear();
        Protocols = new ProtocolRegistry();
        var seed = ((ulong)network.Seed << 32) + ((ulong)Number << 16) + (ulong)starts++;
        crypto = new ObservingCrypto(new SodiumChannelCrypto(identity, new SeededRandom(seed ^ 0xFFFF_0000_0000)))
        {
            CountersFrom = CountersFrom,
        };
        Settings = Settings with { StartedAt = network.Now, IdentityIsFresh = starts == 1 };
        Machine = new UdpNode(crypto, new SeededRandom(seed), Protocols, Settings);
    }

    public void Handle(params string[] names)
    {
        foreach (var name in names)
            Protocols.Register(ProtocolId.FromString(name));
    }

    public PeerChannel Peer(TestNode other)
    {
        Assert.True(Machine.TryGetPeer(network.Now, other.Id, out var peer));
        return peer;
    }

    public void Dial(TestNode other, TimeSpan? timeout = null, params NetAddress[] addresses)
    {
        Machine.Dial(network.Now, Peer(other), addresses.Length == 0 ? [other.Address] : addresses, timeout ?? TimeSpan.FromSeconds(10));
        // The driver's turn ends with the caller's first message, so that this one rides in the HELLO.
    }

    public SendStatus Send(TestNode other, string protocol, string text, bool allowEarly = true) =>
        Send(other, protocol, Encoding.UTF8.GetBytes(text), allowEarly);

    public SendStatus Send(TestNode other, string protocol, byte[] data, bool allowEarly = true)
    {
        var status = Machine.TrySend(network.Now, Peer(other), ProtocolId.FromString(protocol), data, allowEarly);
        Write();
        return status;
    }

    public SendStatus Send(RawPeer other, string protocol, string text) => Send(other, protocol, Encoding.UTF8.GetBytes(text));

    public SendStatus Send(RawPeer other, string protocol, byte[] data)
    {
        Assert.True(Machine.TryFindPeer(other.Id, out var peer));
        var status = Machine.TrySend(network.Now, peer, ProtocolId.FromString(protocol), data, allowEarly: true);
        Write();
        return status;
    }

    public ulong Request(TestNode other, string protocol, string text, double seconds = 10) =>
        Request(other, protocol, Encoding.UTF8.GetBytes(text), seconds);

    public ulong Request(TestNode other, string protocol, byte[] data, double seconds = 10)
    {
        var status = Machine.TryRequest(
            network.Now, Peer(other), ProtocolId.FromString(protocol), data, this, network.Now + TimeSpan.FromSeconds(seconds), out var id);
        Assert.Equal(SendStatus.Accepted, status);
        Write();
        return id;
    }

    /// <summary>Asks if the node takes it, and remembers that it did.</summary>
    public void TryRequest(TestNode other, string protocol, string text)
    {
        var state = new object();
        var status = Machine.TryRequest(
            network.Now,
            Peer(other),
            ProtocolId.FromString(protocol),
            Encoding.UTF8.GetBytes(text),
            state,
            network.Now + TimeSpan.FromSeconds(10),
            out _);
        if (status == SendStatus.Accepted)
            Asked.Add(state);
        Write();
    }

    public void Reply(Happened request, ReplyStatus status, byte[] data)
    {
        Machine.Reply(network.Now, request.Peer, request.RequestId, status, data);
        Write();
    }

    public void Close(TestNode other, CloseCode code)
    {
        Machine.Close(network.Now, Peer(other), code, events);
        Drain(default);
    }

    /// <summary>Answers <see cref="NodeEventKind.PeerAsks"/>.</summary>
    public void Answer(PeerId peer, bool accept)
    {
        if (accept)
            Machine.Accept(network.Now, peer, events);
        else
            Machine.Refuse(network.Now, peer, events);
        Drain(default);
    }

    public void Receive(NetAddress from, byte[] datagram)
    {
        Machine.OnDatagram(network.Now, from, datagram, events);
        Drain(datagram);
    }

    /// <summary>As a driver does that opens datagrams outside its lock: all are looked up, then opened, then taken.</summary>
    /// <param name="arrivals">Those that came together.</param>
    /// <param name="meanwhile">What others do with the node between its steps.</param>
    public void ReceiveTogether(IReadOnlyList<(NetAddress From, byte[] Datagram)> arrivals, Action? meanwhile = null)
    {
        var packets = new UnopenedPackets();
        foreach (var (_, datagram) in arrivals)
            Machine.LookUp(datagram, packets);
        meanwhile?.Invoke();
        foreach (var (_, datagram) in arrivals)
            packets.OpenNext(datagram);
        for (var i = 0; i < arrivals.Count; i++)
        {
            Machine.OnDatagram(network.Now, arrivals[i].From, arrivals[i].Datagram, packets[i], events);
            Drain(arrivals[i].Datagram);
        }
    }

    public void OnTimer()
    {
        Machine.OnTimer(network.Now, events);
        Drain(default);
    }

    /// <summary>Ends a turn of the driver.</summary>
    public void Write()
    {
        var previous = 0;
        while (true)
        {
            var writer = new DatagramWriter(buffer) { PreviousLength = previous };
            if (!Machine.WriteDatagram(network.Now, ref writer))
                return;

            previous = writer.Length;
            var datagram = writer.Datagram.ToArray();
            network.Send(Address, writer.To, datagram, FramesOf(datagram));
        }
    }

    private byte[] FramesOf(byte[] datagram) => (ChannelMessageType)datagram[0] switch
    {
        ChannelMessageType.Hello => crypto.PlaintextOf(datagram)[HelloPayload.FieldsLength..],
        ChannelMessageType.Ack => crypto.PlaintextOf(datagram)[AckPayload.FieldsLength..],
        ChannelMessageType.Data or ChannelMessageType.Early => crypto.PlaintextOf(datagram),
        _ => [],
    };

    private void Drain(ReadOnlySpan<byte> datagram)
    {
        var first = Log.Count;
        foreach (ref readonly var happened in events.All)
            Happened.AddTo(Log, network.Now, happened, datagram);
        events.Clear();
        for (var i = first; i < Log.Count; i++)
        {
            if (Log[i].Kind == NodeEventKind.LaneReadable)
                Read(Log[i].Lane!);
            if (Log[i] is { Kind: NodeEventKind.Message, RequestId: not 0 } request && OnRequest(request) is { } reply)
                Machine.Reply(network.Now, request.Peer, request.RequestId, reply.Status, reply.Data);
        }

        Write();
    }
}
