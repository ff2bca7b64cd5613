using System.Net.Security;
using System.Net.Sockets;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>Makes the carriers of one client.</summary>
internal sealed class MessiDialer
{
    private readonly MessiAddress? address;
    private readonly SslClientAuthenticationOptions? tls;
    private readonly IMessageHost? host;
    private readonly PeerId peer;
    private readonly ProtocolId protocol;

    public MessiDialer(MessiAddress address, MessiClientOptions options, string protoPackage)
    {
        this.address = address;
        tls = address.Scheme == MessiScheme.Tls ? TlsFor(address.Host, options.Tls) : null;
        WireFormat = address.WireFormat ?? options.WireFormat; // MESSI-024, MESSI-055
        if (address.Multiaddress is null)
            return;

        host = options.Host ?? throw new ArgumentException(
            "A multiaddress needs the host whose streams carry the messages: set Host of the options.", nameof(options));
        address.Multiaddress.TryGetPeerId(out peer);
        protocol = MessiProtocolName.Of(protoPackage);
        WireFormat = MessiWireFormat.Documented; // MESSI-061
    }

    public MessiDialer(IMessageHost host, PeerId peer, ProtocolId protocol)
    {
        this.host = host;
        this.peer = peer;
        this.protocol = protocol;
        WireFormat = MessiWireFormat.Documented;
    }

    public MessiWireFormat WireFormat { get; }

    public bool HasLiveness => host is not null;

    /// <summary>Where it goes, for logs.</summary>
    public string Remote => address?.ToString() ?? peer.ToString();

    public async Task<MessiCarrier> Dial(CancellationToken cancellationToken)
    {
        if (host is not null)
            return await OpenStream(host, cancellationToken);

        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.NoDelay = true; // MESSI-063
            await socket.ConnectAsync(address!.Host, address.Port, cancellationToken);
            return tls is null ? MessiCarrier.Of(socket) : await Secure(socket, tls, cancellationToken);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private async Task<MessiCarrier> OpenStream(IMessageHost from, CancellationToken cancellationToken)
    {
        if (address?.Multiaddress is { } known)
            from.Network.Peerstore.AddAddress(peer, known);
        return MessiCarrier.Of(await from.OpenStream(peer, protocol, cancellationToken), peer);
    }

    private static async Task<MessiCarrier> Secure(
        Socket socket, SslClientAuthenticationOptions options, CancellationToken cancellationToken)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        try
        {
            await stream.AuthenticateAsClientAsync(options, cancellationToken);
            return MessiCarrier.Of(socket, stream);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    // MESSI-064
    private static SslClientAuthenticationOptions TlsFor(string host, SslClientAuthenticationOptions? options)
    {
        if (options is null)
            return new SslClientAuthenticationOptions { TargetHost = host };
        if (!string.IsNullOrEmpty(options.TargetHost))
            return options;

        return new SslClientAuthenticationOptions
        {
            AllowRenegotiation = options.AllowRenegotiation,
            AllowTlsResume = options.AllowTlsResume,
            ApplicationProtocols = options.ApplicationProtocols,
            CertificateChainPolicy = options.CertificateChainPolicy,
            CertificateRevocationCheckMode = options.CertificateRevocationCheckMode,
            CipherSuitesPolicy = options.CipherSuitesPolicy,
            ClientCertificateContext = options.ClientCertificateContext,
            ClientCertificates = options.ClientCertificates,
            EnabledSslProtocols = options.EnabledSslProtocols,
            LocalCertificateSelectionCallback = options.LocalCertificateSelectionCallback,
            RemoteCertificateValidationCallback = options.RemoteCertificateValidationCallback,
            TargetHost = host,
        };
    }
}
