using System.Net;
using MsgNet.Core;
using MsgNet.Sodium;

namespace MsgNet.Benchmarks;

/// <summary>
/// Two nodes and between them a wire of memory, in a time of its own: what the protocol costs without sockets and threads.
/// </summary>
internal sealed class NodePair : IDisposable
{
    private static readonly ProtocolId Protocol = "/benchmark/1.0.0";
    private static readonly TimeSpan Transit = TimeSpan.FromMicroseconds(20);
    private readonly End sender = new(1);
    private readonly End receiver = new(2);
    private readonly byte[] wire = new byte[Limits.DatagramSizeMax];
    private readonly PeerChannel peer;
    private Lane? lane;
    private Instant now = Instant.FromMicroseconds(1_000_000);

    public NodePair()
    {
        receiver.Protocols.Register(Protocol);
        var id = PeerId.FromEd25519(receiver.Crypto.PublicKey);
        peer = sender.Node.TryGetPeer(now, id, out var found) ? found : throw new InvalidOperationException("No room for a peer.");
        sender.Node.Dial(now, peer, [receiver.Address], TimeSpan.FromSeconds(10));
    }

    /// <summary>Messages that arrived.</summary>
    public long Received => receiver.Received;

    /// <summary>Sends a message and lets time go on until it has arrived.</summary>
    public void Send(ReadOnlySpan<byte> data)
    {
        var expected = Received + 1;
        while (sender.Node.TrySend(now, peer, Protocol, data, allowEarly: true) != SendStatus.Accepted)
            Step();
        while (Received < expected)
            Step();
    }

    /// <summary>Sends that many reliable messages and lets time go on until all were handled, and the peer's lane knows.</summary>
    public void SendOnLane(ReadOnlySpan<byte> data, int count)
    {
        if (lane is null
            && sender.Node.TryOpenLane(now, peer, Protocol, LaneKind.Ordered, allowEarly: true, out lane) != SendStatus.Accepted)
        {
            throw new InvalidOperationException("No lane.");
        }

        for (; count > 0; count--)
        {
            while (sender.Node.TrySend(now, lane!, data) != SendStatus.Accepted)
                Step();
        }

        while (lane!.Delivered < lane.Sent)
            Step();
    }

    public void Dispose()
    {
        sender.Dispose();
        receiver.Dispose();
    }

    /// <summary>Carries what there is to carry; when there is nothing, goes on to the next timer.</summary>
    private void Step()
    {
        if (Carry(sender, receiver) | Carry(receiver, sender))
            return;

        now = Instant.Max(now, Instant.Min(sender.Node.NextTimer, receiver.Node.NextTimer));
        sender.OnTimer(now);
        receiver.OnTimer(now);
    }

    private bool Carry(End from, End to)
    {
        var carried = false;
        var writer = new DatagramWriter(wire);
        while (from.Node.WriteDatagram(now, ref writer))
        {
            now += Transit;
            to.OnDatagram(now, from.Address, wire.AsSpan(0, writer.Length));
            carried = true;
        }

        return carried;
    }

    private sealed class End : IDisposable
    {
        private readonly Identity identity = Identity.Generate();
        private readonly NodeEvents events = new();

        public End(int port)
        {
            Address = NetAddress.From(IPAddress.Loopback, port, 0);
            Crypto = new SodiumChannelCrypto(identity, SystemRandom.Instance);
            Node = new UdpNode(Crypto, SystemRandom.Instance, Protocols, new UdpNodeSettings
            {
                UnixMicrosecondsAtZero = 0,
                StartedAt = Instant.Zero,
                IdentityIsFresh = true,
            });
        }

        public NetAddress Address { get; }

        public SodiumChannelCrypto Crypto { get; }

        public ProtocolRegistry Protocols { get; } = new();

        public UdpNode Node { get; }

        public long Received { get; private set; }

        public void OnDatagram(Instant now, in NetAddress from, Span<byte> datagram)
        {
            Node.OnDatagram(now, from, datagram, events);
            Handle(now);
        }

        public void OnTimer(Instant now)
        {
            if (Node.NextTimer > now)
                return;

            Node.OnTimer(now, events);
            Handle(now);
        }

        public void Dispose()
        {
            Node.Dispose();
            Crypto.Dispose();
            identity.Dispose();
        }

        private void Handle(Instant now)
        {
            foreach (ref readonly var happened in events.All)
            {
                Received += happened.MessageCount;
                if (happened.Kind == NodeEventKind.LaneReadable)
                    Read(now, happened.Lane!);
            }

            events.Clear();
        }

        private void Read(Instant now, Lane lane)
        {
            while (Node.TryPeekMessage(lane, out var message))
            {
                var receipt = message.Receipt;
                Node.TakeMessage(now, lane);
                Node.Consume(now, lane, receipt);
                Received++;
            }
        }
    }
}
