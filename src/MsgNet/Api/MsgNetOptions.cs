using MsgNet.Core;

namespace MsgNet;

/// <summary>How a host is set up. Every default is finite; contradictions fail at start with both names.</summary>
public sealed class MsgNetOptions
{
    /// <summary>The host's identity. Null: that of <see cref="KeyFile"/>, or a fresh one.</summary>
    public Identity? Identity { get; set; }

    /// <summary>A key file, made with mode 0600 when absent. Null: none.</summary>
    public string? KeyFile { get; set; }

    /// <summary>Addresses to listen on, such as <c>/ip4/0.0.0.0/udp/4001</c>. Empty: the host only dials.</summary>
    public IList<Multiaddress> Listen { get; } = [];

    /// <summary>How long a dial tries before the peer is unreachable; 100 ms to 20 s. Default 10 s.</summary>
    public TimeSpan DialTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How long <see cref="IAsyncDisposable.DisposeAsync"/> lets queued messages leave; 0 to 1 minute. Default 5 s.</summary>
    public TimeSpan DrainTimeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Tell whoever asks one of this host's addresses which peer id is there, for <see cref="IMessageNetwork.Resolve"/>. It lets anybody
    /// find out who is where. Default: false.
    /// </summary>
    public bool AnswerWho { get; set; }

    /// <summary>Peers with live state at once, 1 to 16,384. Default 16,384.</summary>
    public int PeersMax { get; set; } = Limits.PeersMax;

    /// <summary>
    /// Overwrite pooled buffers when a handler gives them back, so that code which kept borrowed bytes is caught. Default: on in debug
    /// builds.
    /// </summary>
    public bool PoisonReturnedBuffers { get; set; }
#if DEBUG
        = true;
#endif
}
