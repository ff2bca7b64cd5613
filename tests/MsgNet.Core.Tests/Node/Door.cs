using System.Text;
using MsgNet.Testing;
using StandIn = MsgNet.Simulation.SimulatedCrypto;

namespace MsgNet.Core.Tests.Node;

/// <summary>One node, and all who knock at it: raw peers and forgers. What it sends is collected.</summary>
internal sealed class Door : IDisposable
{
    public const long UnixMicrosecondsAtZero = 1_800_000_000_000_000;
    private readonly NodeEvents events = new();
    private readonly byte[] input = new byte[2_048];
    private readonly byte[] buffer = new byte[Limits.DatagramSizeMax];
    private readonly List<RawPeer> peers = [];
    private readonly int peersMax;
    private uint lastIndex;
    private int starts;

    public Door(bool fresh = true, int peersMax = Limits.PeersMax)
    {
        this.peersMax = peersMax;
        Start(fresh);
    }

    public Instant Now { get; set; } = Instant.Zero + TimeSpan.FromSeconds(1_000);

    public ulong Clock => (ulong)(UnixMicrosecondsAtZero + Now.Microseconds);

    public CountingCrypto Crypto { get; private set; } = null!;

    public UdpNode Node { get; private set; } = null!;

    public NodeCounters Counters => Node.Counters;

    public List<(NetAddress To, byte[] Datagram)> Sent { get; } = [];

    public List<Happened> Log { get; } = [];

    /// <summary>False: what the node writes is thrown away, and nothing is allocated here.</summary>
    public bool Collects { get; set; } = true;

    public IEnumerable<string> Texts => Log.Where(happened => happened.Kind == NodeEventKind.Message).Select(happened => happened.Text);

    public int Retries => Sent.Count(sent => Is(sent.Datagram, ChannelMessageType.Retry));

    /// <summary>A new process with the same identity.</summary>
    public void Start(bool fresh = false, bool earlyNeedsCookie = false)
    {
        Node?.Dispose();
        Crypto = new CountingCrypto(new StandIn(Key(0), new SeededRandom(1)));
        var protocols = new ProtocolRegistry();
        protocols.Register(ProtocolId.FromString("/chat"));
        Node = new UdpNode(Crypto, new SeededRandom((ulong)(2 + starts++)), protocols, new UdpNodeSettings
        {
            UnixMicrosecondsAtZero = UnixMicrosecondsAtZero,
            StartedAt = Now,
            IdentityIsFresh = fresh,
            PeersMax = peersMax,
            EarlyNeedsCookie = earlyNeedsCookie,
        });
    }

    /// <summary>A peer with its own key, at an address of its own.</summary>
    public RawPeer Peer(int number, NetAddress? at = null)
    {
        var raw = new RawPeer(new StandIn(Key(number), new SeededRandom((ulong)number)), 1)
        {
            Address = at ?? Address(number),
            Index = ++lastIndex,
        };
        peers.Add(raw);
        return raw;
    }

    /// <summary>A HELLO of this moment, of another image than any before.</summary>
    public byte[] Hello(RawPeer raw, string? text = null) => Hello(raw, Clock, text);

    public byte[] Hello(RawPeer raw, ulong timestamp, string? text = null)
    {
        raw.Index = ++lastIndex;
        var frames = text is null
            ? []
            : RawPeer.Frames((ref WireWriter writer) =>
                FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, Encoding.UTF8.GetBytes(text)));
        return raw.Hello(Crypto.PublicKey, timestamp, frames);
    }

    /// <summary>Delivers a datagram; returns the kind of the node's one answer, none when it is silent.</summary>
    public ChannelMessageType Deliver(NetAddress from, byte[] datagram)
    {
        var before = Sent.Count;
        Throw(from, datagram);
        Assert.InRange(Sent.Count, before, before + 1);
        return Sent.Count == before ? ChannelMessageType.None : (ChannelMessageType)Sent[^1].Datagram[0];
    }

    public ChannelMessageType Deliver(RawPeer raw, byte[] datagram) => Deliver(raw.Address, datagram);

    /// <summary>Delivers a HELLO that is answered by its ACK and, under its keys, a CLOSE (SEC-105).</summary>
    public void DeliverToBeClosed(RawPeer raw, byte[] hello)
    {
        var before = Sent.Count;
        Throw(raw.Address, hello);
        Assert.Equal(
            [ChannelMessageType.Ack, ChannelMessageType.Data],
            Sent.Skip(before).Select(sent => (ChannelMessageType)sent.Datagram[0]));
        Assert.False(Node.TryFindPeer(raw.Id, out _));
    }

    /// <summary>Delivers a datagram, and allocates nothing here unless something happens.</summary>
    public void Throw(in NetAddress from, ReadOnlySpan<byte> datagram)
    {
        datagram.CopyTo(input);
        Node.OnDatagram(Now, from, input.AsSpan(0, datagram.Length), events);
        Settle(input);
    }

    /// <summary>Gives a peer the cookie of its address, as a RETRY brings it.</summary>
    public void GiveCookie(RawPeer raw)
    {
        raw.Cookie = [.. Enumerable.Repeat((byte)7, 16)];
        Assert.Equal(ChannelMessageType.Retry, Deliver(raw, Hello(raw)));
        Assert.Equal(raw.Address, Sent[^1].To);
        raw.TakeRetry(Crypto.PublicKey, Sent[^1].Datagram);
    }

    /// <summary>A whole handshake.</summary>
    public RawPeer Confirmed(int number, NetAddress? at = null)
    {
        var raw = Peer(number, at);
        Assert.Equal(ChannelMessageType.Ack, Deliver(raw, Hello(raw)));
        Confirm(raw);
        Assert.True(Node.TryFindPeer(raw.Id, out var peer) && peer.IsReady);
        return raw;
    }

    /// <summary>The first DATA after an ACK.</summary>
    public void Confirm(RawPeer raw)
    {
        raw.Accept(Sent.Last(sent => sent.To == raw.Address && Is(sent.Datagram, ChannelMessageType.Ack)).Datagram);
        Deliver(raw, raw.Data([]));
    }

    /// <summary>The node closes a peer.</summary>
    public void Close(RawPeer raw, CloseCode code)
    {
        Assert.True(Node.TryFindPeer(raw.Id, out var peer));
        Node.Close(Now, peer, code, events);
        Drain(default);
    }

    /// <summary>Lets time pass; timers fire once a second.</summary>
    public void Pass(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (Now < end)
        {
            Now = Instant.Min(end, Now + TimeSpan.FromSeconds(1));
            Settle(default);
        }
    }

    /// <summary>Writes what there is to write, and does what is due.</summary>
    public void Settle(ReadOnlySpan<byte> datagram)
    {
        Drain(datagram);
        for (var round = 0; round < 4 && Node.NextTimer <= Now; round++)
        {
            Node.OnTimer(Now, events);
            Drain(default);
        }
    }

    public void Dispose()
    {
        foreach (var raw in peers)
            raw.Dispose();
        Node.Dispose();
    }

    public static NetAddress Address(int number, ushort port = 5000) =>
        new(0, 0x0000_FFFF_0A00_0000UL | (uint)number, port, 0, 0); // 10.x.y.z

    private void Drain(ReadOnlySpan<byte> datagram)
    {
        foreach (ref readonly var happened in events.All)
            Happened.AddTo(Log, Now, happened, datagram);
        events.Clear();
        while (true)
        {
            var writer = new DatagramWriter(buffer);
            if (!Node.WriteDatagram(Now, ref writer))
                return;
            if (Collects)
                Sent.Add((writer.To, writer.Datagram.ToArray()));
        }
    }

    private static bool Is(byte[] datagram, ChannelMessageType type) => datagram[0] == (byte)type;

    private static byte[] Key(int number)
    {
        var key = new byte[StandIn.KeyLength];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(key, number + 1_000);
        return key;
    }
}
