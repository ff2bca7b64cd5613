using MsgNet.Core;
using MsgNet.Platform;

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

    /// <summary>
    /// Whom to take: called with a peer that dials this host over UDP, once it has proven its id, and the address it came from, before
    /// anything it sent is delivered. False, or an exception, which is logged, refuses it: it is told so, and asked about again when it
    /// dials again. True holds as long as the host remembers the peer, 3 minutes beyond its last session if that was not closed. One that
    /// this host dials itself is taken without asking, and so are hosts of the same process over the memory transport. Null, the default,
    /// takes everybody.
    /// </summary>
    /// <remarks>
    /// Runs on the thread pool, several calls at once if need be, and under no lock. Answer at once: a handshake waits for 10 s at most.
    /// </remarks>
    public Func<PeerId, Multiaddress, bool>? AcceptPeer { get; set; }

    /// <summary>
    /// Ask every peer that dials this host over UDP for a round trip before its first message is taken. Then no recorded first packet is
    /// ever delivered again, whatever the clocks of this machine and its peers said. Without it that holds unless a clock was wrong by more
    /// than 30 s over a restart. Default: false.
    /// </summary>
    public bool EarlyNeedsCookie { get; set; }

    /// <summary>
    /// Seal with AES-256-GCM between this host and those that offer it too, where the CPU has instructions for it: it takes half the time
    /// of ChaCha20-Poly1305, or less, and protects as well. False keeps this host to ChaCha20-Poly1305. Default: true.
    /// </summary>
    public bool OfferAes { get; set; } = true;

    /// <summary>
    /// What chooses how fast each peer is sent to over UDP. Default: <see cref="CongestionControl.Model"/>, which keeps queues short and
    /// survives random loss; <see cref="CongestionControl.Cubic"/> holds its own beside TCP in long queues.
    /// </summary>
    public CongestionControl CongestionControl { get; set; }

    /// <summary>
    /// Largest message of a reliable delivery, sent or received, in bytes: 64 KiB to 16 MiB. Default 1 MiB. Raise it at both ends: a
    /// larger message than the receiver takes ends its session with <see cref="PeerLoss.MessageTooLarge"/>. A peer may make this host hold
    /// some of that size without being asked.
    /// </summary>
    public int MessageSizeMax { get; set; } = Limits.ReliableMessageDefault;

    /// <summary>
    /// Bytes that one peer may make this host keep of reliable messages that its handlers have not taken yet: at least four times
    /// <see cref="MessageSizeMax"/>, at most 256 MiB. Null, the default: 8 MiB, or four times <see cref="MessageSizeMax"/> where that is
    /// more; and beyond it, for peers whose messages come fast over long paths, a part of 128 MiB that all peers have together. A value is
    /// a bound: who sets one gives each peer that much and no more.
    /// </summary>
    public int? ReceiveBudgetPerPeer { get; set; }

    /// <summary>Peers with live state at once, 1 to 16,384. Default 16,384.</summary>
    public int PeersMax { get; set; } = Limits.PeersMax;

    /// <summary>
    /// Hand the system up to 128 datagrams to one address in one call, and take from it joined what arrives so, where it can (UDP
    /// segmentation and receive offload of Linux). Without it each datagram is a call. Default: true.
    /// </summary>
    public bool SegmentationOffload { get; set; } = true;

    /// <summary>
    /// How long the thread that receives on a UDP port looks for the next datagram before it sleeps, 0 to 1 ms: an answer that comes within
    /// it is handled several microseconds sooner. It gives way to other threads meanwhile, and after two waits that were longer it sleeps
    /// at once until one is shorter: a port takes a core only while datagrams come at least as often as this. For a twentieth of the time
    /// that it waits, and for what shorter waits saved, it looks longer, up to four times this, in the hope of a peer that was held up.
    /// More than the default is for hosts with cores to spare, 0 for those that pay for each microsecond of a processor. Default: 25 µs.
    /// </summary>
    public TimeSpan ReceiveSpin { get; set; } = Limits.ReceiveSpin;

    /// <summary>
    /// Overwrite pooled buffers when a handler gives them back, so that code which kept borrowed bytes is caught. Default: on in debug
    /// builds.
    /// </summary>
    public bool PoisonReturnedBuffers { get; set; }
#if DEBUG
        = true;
#endif

    /// <summary>How ports are opened.</summary>
    internal DatagramPortSettings PortSettings => new() { SegmentationOffload = SegmentationOffload, ReceiveSpin = ReceiveSpin };

    /// <summary><see cref="ReceiveBudgetPerPeer"/> as it counts.</summary>
    internal int ReceiveBudget =>
        ReceiveBudgetPerPeer ?? Math.Max(Limits.ReceiveBudgetDefault, Limits.ReceiveBudgetMessages * MessageSizeMax);
}
