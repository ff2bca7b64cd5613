using MsgNet.Core;
using MsgNet.Sodium;

namespace MsgNet.LoadBench.Nodes;

/// <summary>The machine of a host without a socket: whoever holds it carries its datagrams and tells the time.</summary>
internal sealed class BareNode : IDisposable
{
    /// <summary>What its messages travel on.</summary>
    public static readonly ProtocolId Protocol = new("/load/1.0.0");

    private readonly Identity identity = Identity.Generate();
    private readonly SodiumChannelCrypto crypto;
    private readonly ProtocolRegistry protocols = new();
    private readonly NodeEvents events = new();

    public BareNode(NetAddress address)
    {
        Address = address;
        protocols.Register(Protocol);
        crypto = new SodiumChannelCrypto(identity, SystemRandom.Instance);
        Id = PeerId.FromEd25519(crypto.PublicKey);
        Node = new UdpNode(crypto, SystemRandom.Instance, protocols, new UdpNodeSettings
        {
            UnixMicrosecondsAtZero = 0,
            StartedAt = Instant.Zero,
            IdentityIsFresh = true,
        });
    }

    public NetAddress Address { get; }

    public PeerId Id { get; }

    public UdpNode Node { get; }

    /// <summary>Messages that came.</summary>
    public long Received { get; private set; }

    public void OnDatagram(Instant now, in NetAddress from, Span<byte> datagram)
    {
        Node.OnDatagram(now, from, datagram, events);
        CountAndClear();
    }

    public void OnTimer(Instant now)
    {
        if (Node.NextTimer > now)
            return;

        Node.OnTimer(now, events);
        CountAndClear();
    }

    public void Dispose()
    {
        Node.Dispose();
        crypto.Dispose();
        identity.Dispose();
    }

    private void CountAndClear()
    {
        foreach (ref readonly var happened in events.All)
            Received += happened.MessageCount;
        events.Clear();
    }
}
