using System.Diagnostics.Metrics;
using System.Net.Security;
using Microsoft.Extensions.Logging;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>How a server works. Checked, and copied, when the server is made.</summary>
public sealed class MessiServerOptions
{
    /// <summary>
    /// How frames look to clients that stay silent for 3 s after connecting; the first byte of all others tells what they speak. Default
    /// <see cref="MessiWireFormat.Documented"/>. <c>?wire=compact</c> behind an address says it too, and wins.
    /// </summary>
    public MessiWireFormat WireFormat { get; set; } = MessiWireFormat.Documented;

    /// <summary>
    /// Time without a ping after which a client is gone, more than zero, at most 1 hour. Default 3 s; messages do not count. Streams of
    /// MsgNet notice by themselves that a peer is gone and need no pings.
    /// </summary>
    public TimeSpan KeepAliveTimeout { get; set; } = Limits.MessiKeepAliveTimeout;

    /// <summary>Connections at once, 1 to 1,000,000; one more is closed at once. Default 10,000.</summary>
    public int ClientsMax { get; set; } = Limits.MessiClientsDefault;

    /// <summary>Connections that the system may keep until they are accepted, 1 to 65,535. Default 512.</summary>
    public int Backlog { get; set; } = Limits.MessiBacklogDefault;

    /// <summary>How long the TLS handshake of a client may take, more than zero, at most 5 minutes. Default 5 s.</summary>
    public TimeSpan HandshakeTimeout { get; set; } = Limits.MessiConnectTimeout;

    /// <summary>
    /// How long <see cref="IMessiServer.Stop"/> and disposing wait for queued messages to leave and handlers to end; 0 to 5 minutes.
    /// Default 5 s.
    /// </summary>
    public TimeSpan StopTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a call waits for its answer, more than zero, at most 1 day. Null, the default: as long as the connection
    /// lasts.</summary>
    public TimeSpan? CallTimeout { get; set; }

    /// <summary>
    /// Largest message, sent or received, in bytes: 1 to 256 MiB. Default 16 MiB − 1, which is also what the compact format can hold.
    /// </summary>
    public int MessageSizeMax { get; set; } = Limits.MessiMessageSizeDefault;

    /// <summary>
    /// Bytes that may wait to be sent to a client, 4 KiB to 512 MiB; beyond that sends wait, and a broadcast disconnects it. A larger
    /// message passes alone. Default 1 MiB.
    /// </summary>
    public int SendQueueMax { get; set; } = Limits.MessiSendQueueDefault;

    /// <summary>
    /// Bytes of messages from a client that may wait for a slow handler, 4 KiB to 512 MiB; beyond that nothing is read. A larger message
    /// passes alone. Default 1 MiB.
    /// </summary>
    public int ReceiveQueueMax { get; set; } = Limits.MessiReceiveQueueDefault;

    /// <summary>Disconnect a client whose message makes a handler throw. Default false: that is logged, and the next message
    /// handled.</summary>
    public bool DisconnectOnHandlerFailure { get; set; }

    /// <summary>
    /// How TLS is done; <c>tls://</c> addresses need it, with a certificate. Set <c>ClientCertificateRequired</c> for mutual TLS.
    /// </summary>
    public SslServerAuthenticationOptions? Tls { get; set; }

    /// <summary>The clock of all timers. Default: that of the system.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where logs go. Default: null, nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Where metrics go. Null, the default: a meter of the process; see <see cref="MessiDiagnostics.MeterName"/>.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    internal MessiServerOptions Copy() => (MessiServerOptions)MemberwiseClone();
}
