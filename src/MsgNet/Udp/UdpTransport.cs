using MsgNet.Core;

namespace MsgNet;

/// <summary>Unreliable messages over the sealed channel: <c>/ip4|ip6|dns…/…/udp/N</c> (<c>specs/secure-datagrams.md</c>).</summary>
internal sealed class UdpTransport : ICarrierTransport
{
    private readonly UdpEndpoints endpoints;
    private UdpSocket? carrier;

    public UdpTransport(TransportContext context)
    {
        Context = context;
        endpoints = context.Udp;
    }

    public string Name => "udp";

    // API-086
    public TransportGuarantees Guarantees { get; } = new(
        Delivery.Unreliable,
        Authenticated: true,
        Encrypted: true,
        Limits.UnreliableMessageMax,
        UdpNode.DatagramMessageMax);

    public object Channels => endpoints;

    internal TransportContext Context { get; }

    /// <summary>The machine, to look at; read it under the gate.</summary>
    internal UdpNode Node => endpoints.Node;

    public bool CanDial(Multiaddress address) => UdpAddress.IsSealed(address); // MA-022

    public bool CanListen(Multiaddress address) => UdpAddress.IsSealed(address) && address.TryGetUdpEndPoint(out _, out _);

    public ISessionedSocket Open() => new UdpSocket(endpoints, this, byLanes: false);

    public ICarrier OpenCarrier() => carrier ??= new UdpSocket(endpoints, this, byLanes: false);
}
