using Microsoft.Extensions.Logging;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>What a host gives each of its transports.</summary>
internal sealed class TransportContext
{
    public required IHostPlatform Platform { get; init; }
    public required PeerId LocalPeer { get; init; }
    public required IChannelCrypto Crypto { get; init; }

    /// <summary>The identity was made in this process, and no host has used it before (SEC-058).</summary>
    public required bool IdentityIsFresh { get; init; }

    public required MsgNetOptions Options { get; init; }

    /// <summary>Names with a handler; guarded by itself being changed under <see cref="Gate"/> only.</summary>
    public required ProtocolRegistry Protocols { get; init; }

    public required IMessageSink Sink { get; init; }
    public required IPeerObserver Observer { get; init; }
    public required Peerstore Peerstore { get; init; }
    public required ILogger Logger { get; init; }
    public required HostDiagnostics Diagnostics { get; init; }

    /// <summary>
    /// The host's one lock: it guards every machine of the host and what stands beside it, and is never held while user code runs.
    /// </summary>
    // API-113
    public Gate Gate { get; init; } = new();

    /// <summary>Sockets that are open, in the order they were opened; transports enter and strike out their own.</summary>
    public SocketTable Sockets { get; } = new();

    /// <summary>The host's ports and sealed channels, which the transports over UDP share; made by the first that asks.</summary>
    public UdpEndpoints Udp => field ??= new UdpEndpoints(this);
}

/// <summary>A transport as the network uses it.</summary>
internal interface ICarrierTransport : IMessageTransport
{
    /// <summary>What its sessions run over: transports with the same one reach a peer by the same channel, or fail to.</summary>
    object Channels { get; }

    /// <summary>The socket that the network uses for all its sessions of this transport; opened once per network.</summary>
    ICarrier OpenCarrier();
}
