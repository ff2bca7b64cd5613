using System.Net;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Sodium;

namespace MsgNet;

/// <summary>
/// What an application holds: messages to peers by protocol, over whichever transport fits. Safe on any thread. Dispose it, or call
/// <see cref="Close"/>, to say goodbye to peers and free its sockets and threads.
/// </summary>
/// <example><code>
/// await using var host = await MessageHost.Start("/ip4/0.0.0.0/udp/4001");
/// host.SetMessageHandler("/kad/1.0", message => Console.WriteLine(message.Data.Length));
/// </code></example>
public sealed class MessageHost : IMessageHost
{
    /// <summary>The built-in protocol that answers a request with its own bytes, as <c>msgnet ping</c> asks for.</summary>
    public static readonly ProtocolId PingProtocol = new("/msgnet/ping/1.0.0");

    private readonly IHostPlatform platform;
    private readonly MsgNetOptions options;
    private readonly MessageNetwork network;
    private readonly HandlerTable handlers;
    private readonly HostDiagnostics diagnostics;

    private MessageHost(
        IHostPlatform platform, MsgNetOptions options, MessageNetwork network, HandlerTable handlers, HostDiagnostics diagnostics)
    {
        this.diagnostics = diagnostics;
        this.platform = platform;
        this.options = options;
        this.network = network;
        this.handlers = handlers;
    }

    /// <inheritdoc/>
    public PeerId Id => network.LocalPeer;

    /// <inheritdoc/>
    public IMessageNetwork Network => network;

    /// <inheritdoc/>
    // API-014
    public IReadOnlyList<Multiaddress> Addresses =>
        [.. network.BoundAddresses.SelectMany(Reachable).Distinct().Select(address => address.WithPeerId(Id))];

    /// <summary>What happened in handlers.</summary>
    internal HandlerCounters Counters => handlers.Counters;

    internal HostDiagnostics Diagnostics => diagnostics;

    /// <summary>What its transports share.</summary>
    internal TransportContext Context => network.Context;

    /// <summary>Starts a host and listens on the addresses of <paramref name="options"/>.</summary>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">Options are out of range or contradict each
    /// other.</exception>
    /// <exception cref="ArgumentException">No transport can listen on an address; the message names those that there are.</exception>
    /// <exception cref="MsgNetException">The system refused an address.</exception>
    public static ValueTask<MessageHost> Start(MsgNetOptions options, CancellationToken cancellationToken = default) =>
        Start(SystemPlatform.Instance, options, DefaultTransports, NullLoggerFactory.Instance, cancellationToken);

    /// <summary>Starts a host with a fresh identity and listens on <paramref name="listen"/>; with no address it only dials.</summary>
    /// <exception cref="ArgumentException">No transport can listen on an address; the message names those that there are.</exception>
    /// <exception cref="MsgNetException">The system refused an address.</exception>
    public static ValueTask<MessageHost> Start(params ReadOnlySpan<Multiaddress> listen)
    {
        var options = new MsgNetOptions();
        foreach (var address in listen)
            options.Listen.Add(address);
        return Start(options);
    }

    /// <inheritdoc/>
    public void SetMessageHandler(ProtocolId protocol, MessageHandler handler) =>
        SetMessageHandler(protocol, handler, HandlerOptions.Default);

    /// <inheritdoc/>
    public void SetMessageHandler(ProtocolId protocol, MessageHandler handler, HandlerOptions options) =>
        network.SetMessageHandler(protocol, handler, options);

    /// <inheritdoc/>
    public bool RemoveMessageHandler(ProtocolId protocol) => network.RemoveMessageHandler(protocol);

    /// <inheritdoc/>
    public ValueTask SendMessage(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        network.SendMessage(peer, protocol, data, SendOptions.Unreliable, cancellationToken); // API-031

    /// <inheritdoc/>
    public ValueTask SendMessage(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, SendOptions options, CancellationToken cancellationToken = default) =>
        network.SendMessage(peer, protocol, data, options, cancellationToken);

    /// <inheritdoc/>
    public ValueTask SendMessages(
        PeerId peer,
        ProtocolId protocol,
        ReadOnlyMemory<ReadOnlyMemory<byte>> messages,
        SendOptions options,
        CancellationToken cancellationToken = default) =>
        network.SendMessages(peer, protocol, messages, options, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Message> Request(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        network.Request(peer, protocol, data, RequestOptions.Default, cancellationToken);

    /// <inheritdoc/>
    public ValueTask<Message> Request(
        PeerId peer,
        ProtocolId protocol,
        ReadOnlyMemory<byte> data,
        RequestOptions options,
        CancellationToken cancellationToken = default) =>
        network.Request(peer, protocol, data, options, cancellationToken);

    /// <inheritdoc/>
    public void SetStreamHandler(ProtocolId protocol, StreamHandler handler) => handlers.SetStreamHandler(protocol, handler);

    /// <inheritdoc/>
    public bool RemoveStreamHandler(ProtocolId protocol) => handlers.RemoveStreamHandler(protocol);

    /// <inheritdoc/>
    public ValueTask<Stream> OpenStream(PeerId peer, ProtocolId protocol, CancellationToken cancellationToken = default) =>
        network.OpenStream(peer, protocol, cancellationToken);

    /// <inheritdoc/>
    public ISocketSession OpenSession(PeerId peer, ProtocolId protocol, SendOptions options) =>
        network.OpenSession(peer, protocol, options);

    /// <inheritdoc/>
    public IAsyncEnumerable<Message> ReceiveMessages(ProtocolId protocol, CancellationToken cancellationToken = default) =>
        handlers.ReceiveMessages(protocol, cancellationToken);

    /// <inheritdoc/>
    /// <remarks>Calls after the first wait for its end. Cancelling ends the draining early, not the closing.</remarks>
    public ValueTask Close(TimeSpan drain, CancellationToken cancellationToken = default)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(drain, TimeSpan.Zero);
        diagnostics.OnClosing(drain);
        return network.Close(drain, cancellationToken);
    }

    /// <summary>As <see cref="Close"/> with <see cref="MsgNetOptions.DrainTimeout"/>.</summary>
    public ValueTask DisposeAsync() => Close(options.DrainTimeout); // API-017

    /// <summary>Starts a host on a platform, with an identity made as the options say.</summary>
    internal static ValueTask<MessageHost> Start(
        IHostPlatform platform,
        MsgNetOptions options,
        IReadOnlyList<Func<TransportContext, ICarrierTransport>> transports,
        ILoggerFactory? loggers,
        CancellationToken cancellationToken)
    {
        MsgNetOptionsValidator.ThrowIfInvalid(options);
        return cancellationToken.IsCancellationRequested
            ? ValueTask.FromCanceled<MessageHost>(cancellationToken)
            : Create(platform, options, transports, loggers, MsgNetMeter.OfProcess).Open(cancellationToken);
    }

    /// <summary>Makes a host that does not listen yet, with an identity made as the options say.</summary>
    internal static MessageHost Create(
        IHostPlatform platform,
        MsgNetOptions options,
        IReadOnlyList<Func<TransportContext, ICarrierTransport>> transports,
        ILoggerFactory? loggers,
        MsgNetMeter meter)
    {
        MsgNetOptionsValidator.ThrowIfInvalid(options);

        // API-013
        var identity = options.Identity ?? (options.KeyFile is null ? Identity.Generate() : Identity.LoadOrCreate(options.KeyFile));
        var crypto = new SodiumChannelCrypto(identity, platform.Random);
        var diagnostics = new HostDiagnostics(platform, LoggerFrom(loggers), meter);
        return Create(diagnostics, identity, identity.TakeFreshness(), crypto, identity.Id, options, transports);
    }

    /// <summary>Makes a host that is not measured and does not listen yet, for simulations.</summary>
    internal static MessageHost Create(
        IHostPlatform platform,
        Identity? identity,
        bool identityIsFresh,
        IChannelCrypto crypto,
        PeerId id,
        MsgNetOptions options,
        IReadOnlyList<Func<TransportContext, ICarrierTransport>> transports,
        ILoggerFactory? loggers) =>
        Create(new HostDiagnostics(platform, LoggerFrom(loggers), meter: null), identity, identityIsFresh, crypto, id, options, transports);

    /// <summary>
    /// Makes a host that does not listen yet. It disposes <paramref name="crypto"/>, and <paramref name="identity"/> unless the options
    /// gave it.
    /// </summary>
    internal static MessageHost Create(
        HostDiagnostics diagnostics,
        Identity? identity,
        bool identityIsFresh,
        IChannelCrypto crypto,
        PeerId id,
        MsgNetOptions options,
        IReadOnlyList<Func<TransportContext, ICarrierTransport>> transports)
    {
        MsgNetOptionsValidator.ThrowIfInvalid(options);
        var platform = diagnostics.Platform;
        var logger = diagnostics.Logger;
        var gate = new Gate();
        var registry = new ProtocolRegistry();
        var handlers = new HandlerTable(diagnostics, registry, gate, logger, options.PoisonReturnedBuffers);
        var events = new PeerEventHub(gate, platform.Scheduler);
        var context = new TransportContext
        {
            Platform = platform,
            LocalPeer = id,
            Crypto = crypto,
            IdentityIsFresh = identityIsFresh,
            Options = options,
            Protocols = registry,
            Sink = handlers,
            Observer = logger is NullLogger ? events : new LoggedPeers(events, logger, platform.Scheduler),
            Peerstore = new Peerstore(platform, gate),
            Logger = logger,
            Diagnostics = diagnostics,
            Gate = gate,
        };
        var owned = new List<IDisposable>();
        if (crypto is IDisposable disposable)
            owned.Add(disposable);
        if (identity is not null && identity != options.Identity)
            owned.Add(identity);

        var network = new MessageNetwork(context, handlers, events, [.. transports.Select(make => make(context))], owned);
        diagnostics.OnMade(id, new HostReadings(network, handlers, gate));
        var host = new MessageHost(platform, options, network, handlers, diagnostics);
        host.SetMessageHandler(PingProtocol, Echo, new HandlerOptions { Inline = true }); // MP-029
        return host;
    }

    /// <summary>Listens on the addresses of the options; completes with this host, or closes it and says what failed.</summary>
    internal ValueTask<MessageHost> Open(CancellationToken cancellationToken)
    {
        if (options.Listen.Count == 0)
        {
            diagnostics.OnStarted([]);
            return ValueTask.FromResult(this);
        }

        var opened = new TaskCompletionSource<MessageHost>();
        var steps = options.Listen.Select(address => (Func<ValueTask>)(() => network.Listen(address, cancellationToken)));
        Then(Sequence.Run(platform.Scheduler, [.. steps]), listened => OnListening(listened, opened));
        return new ValueTask<MessageHost>(opened.Task);
    }

    /// <summary>What UDP ports carry: datagrams first, so that unreliable messages travel so.</summary>
    internal static IReadOnlyList<Func<TransportContext, ICarrierTransport>> UdpTransports { get; } =
        [context => new UdpTransport(context), context => new MspTransport(context)];

    internal static IReadOnlyList<Func<TransportContext, ICarrierTransport>> DefaultTransports { get; } =
        [.. UdpTransports, context => new MemoryTransport(context)];

    private static ValueTask Echo(Message message, CancellationToken cancellationToken) =>
        message.CanReply ? message.Reply(message.Data, cancellationToken) : ValueTask.CompletedTask;

    private static ILogger LoggerFrom(ILoggerFactory? loggers) => (loggers ?? NullLoggerFactory.Instance).CreateLogger("MsgNet");

    private static void Then(Task task, Action<Task> next) =>
        task.ContinueWith(next, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private void OnListening(Task listened, TaskCompletionSource<MessageHost> opened)
    {
        if (listened.IsCompletedSuccessfully)
        {
            diagnostics.OnStarted(Addresses); // API-141
            opened.SetResult(this);
        }
        else
        {
            Then(Close(TimeSpan.Zero).AsTask(), _ => opened.SetException(listened.Exception!.InnerExceptions)); // API-011
        }
    }

    // A listener on every address of the machine is reached at each of them.
    private IEnumerable<Multiaddress> Reachable(Multiaddress bound)
    {
        if (!bound.TryGetUdpEndPoint(out var address, out var port))
            return [bound];
        if (!address.Equals(IPAddress.Any) && !address.Equals(IPAddress.IPv6Any))
            return [bound];

        var suffix = bound.Components.Skip(2).Aggregate("", (text, component) => text + component);
        return platform.LocalAddresses
            .Where(local => local.AddressFamily == address.AddressFamily)
            .Select(local => Multiaddress.Parse(Multiaddress.FromUdpEndPoint(local, port) + suffix));
    }
}
