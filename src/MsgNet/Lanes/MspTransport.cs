using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Reliable messages by lanes of the sealed channel, in order or as they come: <c>/ip4|ip6|dns…/…/udp/N</c>, the same ports and channels as
/// UDP, and <c>…/udp/N/msp</c>, which says that a peer is sent to by lanes only (<c>specs/lanes.md</c>).
/// </summary>
internal sealed class MspTransport : ICarrierTransport
{
    private readonly TransportContext context;
    private UdpSocket? carrier;

    public MspTransport(TransportContext context)
    {
        this.context = context;

        // API-087
        Guarantees = new TransportGuarantees(
            Delivery.ReliableOrdered,
            Authenticated: true,
            Encrypted: true,
            context.Options.MessageSizeMax,
            UdpNode.DatagramLaneMessageMax);
    }

    public string Name => "msp";

    public TransportGuarantees Guarantees { get; }

    public object Channels => context.Udp;

    public bool CanDial(Multiaddress address) => UdpAddress.IsSealed(address) || UdpAddress.IsPinned(address); // MA-023

    public bool CanListen(Multiaddress address) => CanDial(address) && address.TryGetUdpEndPoint(out _, out _);

    public ISessionedSocket Open() => new UdpSocket(context.Udp, this, byLanes: true);

    public ICarrier OpenCarrier() => carrier ??= new UdpSocket(context.Udp, this, byLanes: true);
}
