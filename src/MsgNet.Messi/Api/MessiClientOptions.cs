using System.Diagnostics.Metrics;
using System.Net.Security;
using Microsoft.Extensions.Logging;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>How a client works. Checked, and copied, when the client is made.</summary>
public sealed class MessiClientOptions
{
    /// <summary>
    /// How frames look on TCP and TLS. Default <see cref="MessiWireFormat.Documented"/>; servers of MsgNet take either. Behind an address,
    /// <c>?wire=compact</c> or <c>?wire=documented</c> says it too, and wins.
    /// </summary>
    public MessiWireFormat WireFormat { get; set; } = MessiWireFormat.Documented;

    /// <summary>
    /// Time between pings, more than zero, at most 1 hour; without a pong until the next the connection is lost. Default 2 s: servers
    /// usually give up after 3 s without a ping. Streams of MsgNet notice by themselves that a peer is gone and need no pings.
    /// </summary>
    public TimeSpan KeepAliveInterval { get; set; } = Limits.MessiKeepAliveInterval;

    /// <summary>How long one attempt to connect may take, with TLS; more than zero, at most 5 minutes. Default 5 s.</summary>
    public TimeSpan ConnectTimeout { get; set; } = Limits.MessiConnectTimeout;

    /// <summary>Time before the first attempt to connect again, more than zero, at most 1 hour. Default 1 s.</summary>
    public TimeSpan ReconnectDelay { get; set; } = Limits.MessiReconnectDelay;

    /// <summary>
    /// What the time between attempts doubles to, at least <see cref="ReconnectDelay"/>, at most 1 hour; the same value makes it fixed.
    /// Default 30 s.
    /// </summary>
    public TimeSpan ReconnectDelayMax { get; set; } = Limits.MessiReconnectDelayMax;

    /// <summary>
    /// How long <see cref="IMessiClient.Stop"/> and disposing wait for queued messages to leave and handlers to end; 0 to 5 minutes.
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
    /// Bytes that may wait to be sent, 4 KiB to 512 MiB; beyond that sends wait. A larger message passes alone. Default 1 MiB.
    /// </summary>
    public int SendQueueMax { get; set; } = Limits.MessiSendQueueDefault;

    /// <summary>
    /// Bytes of received messages that may wait for a slow handler, 4 KiB to 512 MiB; beyond that nothing is read. A larger message passes
    /// alone. Default 1 MiB.
    /// </summary>
    public int ReceiveQueueMax { get; set; } = Limits.MessiReceiveQueueDefault;

    /// <summary>Disconnect when a handler throws. Default false: that is logged, and the next message handled.</summary>
    public bool DisconnectOnHandlerFailure { get; set; }

    /// <summary>
    /// How TLS is done, for <c>tls://</c> addresses. Null: as the system does it, for the name in the address. A client certificate goes
    /// here. Its <c>TargetHost</c>, when empty, is the name in the address.
    /// </summary>
    public SslClientAuthenticationOptions? Tls { get; set; }

    /// <summary>The host whose streams carry the messages, for addresses that are multiaddresses. Default null.</summary>
    public IMessageHost? Host { get; set; }

    /// <summary>The clock of all timers. Default: that of the system.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>Where logs go. Default: null, nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    /// <summary>Where metrics go. Null, the default: a meter of the process; see <see cref="MessiDiagnostics.MeterName"/>.</summary>
    public IMeterFactory? MeterFactory { get; set; }

    internal MessiClientOptions Copy() => (MessiClientOptions)MemberwiseClone();
}
