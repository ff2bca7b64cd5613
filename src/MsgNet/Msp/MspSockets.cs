using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// The sockets of the Mesh Stream Protocol that share a carrier: makes them, and drives them. Safe on any thread. Dispose it to stop them
/// and to free its ports.
/// </summary>
/// <remarks>
/// In automatic mode everything happens by itself. With <see cref="MspSocketsOptions.IsCallerDriven"/> the caller is the only thread there
/// is:
/// <code>
/// while (sockets.Count > 0)
///     sockets.WaitForInput(sockets.Process(sockets.Now));
/// </code>
/// </remarks>
/// <example><code>
/// using var sockets = MspSockets.OverPlainUdp();
/// using var socket = await sockets.Connect("/ip4/10.0.0.2/udp/4110");
/// await socket.Send("hello"u8.ToArray());
/// var length = await socket.Receive(buffer);
/// </code></example>
public sealed class MspSockets : IDisposable
{
    private readonly HashSet<MspSocket> sockets = [];
    private readonly PriorityQueue<MspSocket, Instant> ticks = new();
    private readonly IPlatformTimer? timer;
    private readonly MspPasses? passes;
    private readonly ILogger logger;
    private readonly LogThrottle failures = new();
    private bool isClosed;

    internal MspSockets(MspSocketsOptions options, Func<MspSockets, IMspCarrier> open, IHostPlatform platform)
    {
        passes = options.IsCallerDriven ? new MspPasses(platform) : null;
        Scheduler = (IScheduler?)passes ?? platform.Scheduler;
        logger = (options.Loggers ?? NullLoggerFactory.Instance).CreateLogger("MsgNet.Msp");
        Carrier = open(this);
        timer = passes is null ? platform.CreateTimer(OnTimer) : null; // MSP-141
    }

    /// <summary>
    /// Sockets over plain UDP: each packet is a datagram, IP address and UDP port stand for node and port. Addresses are
    /// <c>/ip4/…/udp/N</c> or <c>/ip6/…/udp/N</c>.
    /// </summary>
    /// <remarks>
    /// <b>Nothing is encrypted or authenticated</b>, and whoever sees the packets can end or alter a connection: this is for networks
    /// that are trusted, for tests and for tools. Over <see cref="MessageHost"/> everything is sealed.
    /// </remarks>
    public static MspSockets OverPlainUdp() => OverPlainUdp(new MspSocketsOptions());

    /// <summary>As <see cref="OverPlainUdp()"/>, with options.</summary>
    public static MspSockets OverPlainUdp(MspSocketsOptions options) => OverPlainUdp(SystemPlatform.Instance, options);

    /// <summary>
    /// Sockets over lanes of a host: sealed and authenticated, with the host's timers, bounds and limit of messages. Ports are those of the
    /// host, addresses <c>/p2p/…/mdpport/N</c> of a peer's and <c>/mdpport/N</c> of one's own. Dispose them before the host.
    /// </summary>
    /// <exception cref="ArgumentException">The host is none of <see cref="MessageHost"/>.</exception>
    public static MspSockets Over(IMessageHost host) => Over(host, new MspSocketsOptions());

    /// <summary>As <see cref="Over(IMessageHost)"/>, with options.</summary>
    public static MspSockets Over(IMessageHost host, MspSocketsOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(options);
        return host is MessageHost known
            ? new MspSockets(options, sockets => new MspLanes(known, sockets), known.Context.Platform)
            : throw new ArgumentException("Only a MessageHost has lanes for sockets.", nameof(host));
    }

    /// <summary>Sockets that were made and are not yet over, those included that a dispose left to finish.</summary>
    // MSP-107
    public int Count
    {
        get
        {
            using (Gate.Enter())
                return sockets.Count;
        }
    }

    /// <summary>
    /// Bytes of the longest message that can be sent: 1,024 over datagrams, <see cref="MsgNetOptions.MessageSizeMax"/> over lanes.
    /// </summary>
    public int MessageSizeMax => Carrier.MessageSizeMax;

    /// <summary>The clock that <see cref="Process"/> goes by.</summary>
    public Instant Now => passes?.Now ?? Carrier.Platform.Now;

    internal IMspCarrier Carrier { get; }

    internal IScheduler Scheduler { get; }

    internal Gate Gate => Carrier.Gate;

    internal bool IsCallerDriven => passes is not null;

    /// <summary>A new socket, neither connected nor listening, whose messages go to its handler.</summary>
    // MSP-100
    public MspSocket Create()
    {
        using (Gate.Enter())
            return Add(keepsData: false);
    }

    /// <summary>
    /// Opens a connection and waits until the peer has answered. What it sends waits for <see cref="MspSocket.Receive"/>.
    /// </summary>
    /// <exception cref="ArgumentException">The address is not one of those that these sockets use.</exception>
    /// <exception cref="MsgNetException">Nobody answered, or refused.</exception>
    public ValueTask<MspSocket> Connect(Multiaddress remote, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(remote);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<MspSocket>(cancellationToken);

        ValueTask<MspSocket> connected;
        using (Gate.Enter())
            connected = Add(keepsData: true).ConnectAndWait(remote, cancellationToken);

        Leave();
        return connected;
    }

    /// <summary>As <see cref="Connect(Multiaddress, CancellationToken)"/>, to a port of a peer: over lanes.</summary>
    public ValueTask<MspSocket> Connect(PeerId peer, uint port, CancellationToken cancellationToken = default) =>
        Connect(MspLanes.AddressOf(peer, port), cancellationToken);

    /// <summary>As <see cref="Listen(Multiaddress)"/>, on a port of this host: over lanes.</summary>
    public MspSocket Listen(uint port) => Listen(MspLanes.AddressOf(port));

    /// <summary>A listener whose connections wait for <see cref="MspSocket.Accept"/>: at most 128, more are refused.</summary>
    /// <exception cref="ArgumentException">The address is not one of those that these sockets use.</exception>
    /// <exception cref="MsgNetException">The address is in use.</exception>
    public MspSocket Listen(Multiaddress local)
    {
        ArgumentNullException.ThrowIfNull(local);
        MspSocket listener;
        using (Gate.Enter())
        {
            Carrier.CheckLocal(local);
            listener = Add(keepsData: true);
        }

        listener.Bind(local);
        listener.Listen();
        return listener;
    }

    /// <summary>
    /// Takes one packet that arrived and waits, without calling a handler; that is for <see cref="Process"/>, which takes all of them
    /// besides. False when none waits.
    /// </summary>
    /// <param name="now">The moment, by <see cref="Now"/>; it never goes back.</param>
    /// <exception cref="InvalidOperationException">These sockets are in automatic mode.</exception>
    // MSP-143
    public bool Receive(Instant now)
    {
        var driven = RequireCallerDriven();
        bool received;
        using (Gate.Enter())
        {
            driven.Begin(now);
            received = !isClosed && Carrier.TryReceive(driven.Now);
            driven.End();
        }

        Leave();
        return received;
    }

    /// <summary>
    /// One pass: takes what arrived, does what is due, calls handlers, frees sockets that are over, and sends. Called by one thread at a
    /// time, and by no handler.
    /// </summary>
    /// <param name="now">The moment, by <see cref="Now"/>; it never goes back.</param>
    /// <returns>
    /// When to call again if nothing arrives and no socket is used before; not later than the moment if there is more to do.
    /// </returns>
    /// <exception cref="InvalidOperationException">These sockets are in automatic mode, or a pass is under way.</exception>
    // MSP-144
    public Instant Process(Instant now)
    {
        var driven = RequireCallerDriven();
        using (Gate.Enter())
        {
            driven.Begin(now);
            while (!isClosed && Carrier.TryReceive(driven.Now))
            {
            }

            Run();
            foreach (var socket in sockets)
                socket.OnPass();
        }

        try
        {
            driven.RunPosted();
        }
        finally
        {
            using (Gate.Enter())
            {
                Run();
                driven.End();
            }

            Leave();
        }

        using (Gate.Enter())
            return driven.HasPosted ? driven.Now : Instant.Min(Carrier.NextTimer, NextTick);
    }

    /// <summary>Blocks until something arrives, a socket is used on another thread, or <paramref name="until"/> comes.</summary>
    /// <exception cref="InvalidOperationException">These sockets are in automatic mode.</exception>
    public void WaitForInput(Instant until) => RequireCallerDriven().Wait(until);

    /// <summary>Forgets all sockets at once and tells nobody, neither peers nor handlers.</summary>
    // MSP-145
    public void CloseAll()
    {
        using (Gate.Enter())
        {
            foreach (var socket in sockets.ToArray())
                socket.AbandonNow();
        }

        Leave();
    }

    /// <summary>Stops all sockets, which their peers are told, and closes the ports. No handler is called any more.</summary>
    // MSP-147
    public void Dispose()
    {
        using (Gate.Enter())
        {
            if (isClosed)
                return;

            foreach (var socket in sockets.ToArray())
            {
                socket.StopNow();
                socket.AbandonNow();
            }

            Run();
            isClosed = true;
            Carrier.Dispose();
        }

        timer?.Dispose();
        Leave();
        passes?.RunPosted(); // nobody will call Process any more, and some may still wait
    }

    /// <summary>All sockets, one a line: what they are and where they stand.</summary>
    public override string ToString()
    {
        using (Gate.Enter())
            return string.Join('\n', sockets);
    }

    internal static MspSockets OverPlainUdp(IHostPlatform platform, MspSocketsOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return new MspSockets(options, sockets => new MspDatagrams(platform, sockets, options.Profile), platform);
    }

    internal MspSocket Add(bool keepsData)
    {
        ObjectDisposedException.ThrowIf(isClosed, this);
        var socket = new MspSocket(this, keepsData);
        sockets.Add(socket);
        return socket;
    }

    internal void Remove(MspSocket socket) => sockets.Remove(socket);

    /// <summary>Has a socket asked at that time what is due; a socket has one such time only.</summary>
    internal void Schedule(MspSocket socket, Instant when) => ticks.Enqueue(socket, when);

    /// <summary>A socket was used: what that gave to do is done now, or in the next pass.</summary>
    internal void Touch()
    {
        if (passes is null)
            Run();
        else
            passes.Wake();
    }

    /// <summary>Something has arrived for a caller-driven context.</summary>
    internal void OnInput() => passes?.OnInput();

    /// <summary>Every entry ends with it, outside the gate.</summary>
    internal void Leave()
    {
        if (!Gate.IsHeldByCurrentThread)
            Carrier.Leave();
    }

    internal void LogHandlerFailed(MspSocket socket, Exception exception)
    {
        if (failures.TryPass(Carrier.Platform.Now))
            logger.MspHandlerFailed(exception, socket);
    }

    private Instant NextTick => ticks.TryPeek(out _, out var next) ? next : Instant.Never;

    private void Run()
    {
        if (isClosed)
            return;

        var now = Now;
        while (ticks.TryPeek(out var socket, out var due) && due <= now)
        {
            ticks.Dequeue();
            var next = socket.OnTick(now);
            if (!next.IsNever)
                ticks.Enqueue(socket, next);
        }

        Carrier.Run(now);
        timer?.Set(Instant.Min(Carrier.NextTimer, NextTick));
    }

    private void OnTimer()
    {
        using (Gate.Enter())
            Run();

        Leave();
    }

    private MspPasses RequireCallerDriven() => passes
        ?? throw new InvalidOperationException("These sockets drive themselves: set MspSocketsOptions.IsCallerDriven to call this.");
}
