using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// What generated servers are made of. Safe on any thread; handlers and callbacks of one connection run one after another, those of
/// different connections at once.
/// </summary>
/// <typeparam name="TConnection">What it holds of a client; generated.</typeparam>
/// <typeparam name="TIncoming">The Protobuf message that clients send.</typeparam>
public abstract class MessiServer<TConnection, TIncoming> : IMessiServer, IMessiServerApplication
    where TConnection : MessiConnection
    where TIncoming : class, IMessage<TIncoming>
{
    private readonly MessiServerCore core;

    /// <summary>A server that listens on an address.</summary>
    /// <param name="address"><c>tcp://host:port</c> or <c>tls://host:port</c>; without a host on all addresses; port 0: a free one.</param>
    /// <param name="options">How it works.</param>
    /// <param name="protoPackage">The package of the .proto file; may be empty.</param>
    /// <exception cref="FormatException">The address cannot be read.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
    protected MessiServer(string address, MessiServerOptions options, string protoPackage)
    {
        _ = protoPackage; // Streams come by a host; the two constructors have the same form for generated code.
        var checkedOptions = MessiOptionChecks.Copy(options);
        var parsed = MessiAddress.Parse(address, MessiRole.Server);
        core = new MessiServerCore(this, new MessiSocketListener(parsed, checkedOptions), checkedOptions);
    }

    /// <summary>A server for the peers of a host.</summary>
    /// <param name="host">The host that takes streams of the protocol.</param>
    /// <param name="options">How it works.</param>
    /// <param name="protoPackage">The package of the .proto file, which names the streams.</param>
    /// <exception cref="ArgumentException">The .proto file has no package.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
    protected MessiServer(IMessageHost host, MessiServerOptions options, string protoPackage)
    {
        ArgumentNullException.ThrowIfNull(host);
        var listener = new MessiStreamListener(host, MessiProtocolName.Of(protoPackage));
        core = new MessiServerCore(this, listener, MessiOptionChecks.Copy(options));
    }

    /// <summary>Called when a client has connected, before any message of it is handled. Set it before <see cref="Start"/>.</summary>
    public Func<TConnection, CancellationToken, ValueTask>? OnConnected { get; set; }

    /// <summary>
    /// Called when a client is gone, once for each, after its last handler. This end's own stop is an end, too.
    /// Set it before <see cref="Start"/>.
    /// </summary>
    public Func<TConnection, MessiDisconnect, ValueTask>? OnDisconnected { get; set; }

    /// <inheritdoc/>
    public string? Address => core.Address;

    /// <summary>The clients that are connected now, newest first; a copy.</summary>
    public IReadOnlyList<TConnection> Connections => core.Snapshot<TConnection>();

    /// <summary>Reads what clients send.</summary>
    protected abstract MessageParser<TIncoming> Parser { get; }

    /// <inheritdoc/>
    public ValueTask Start(CancellationToken cancellationToken = default) => core.Start(cancellationToken);

    /// <inheritdoc/>
    public ValueTask Stop(CancellationToken cancellationToken = default) => core.Stop(forever: false, cancellationToken);

    /// <summary>As <see cref="Stop"/>, for good.</summary>
    public async ValueTask DisposeAsync()
    {
        await core.Stop(forever: true, CancellationToken.None).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Makes what the server holds of a client; generated.</summary>
    protected abstract TConnection CreateConnection();

    /// <summary>Gives a message to the call that waits for it; generated where there are pairs of request and response.</summary>
    /// <param name="connection">The client that sent it.</param>
    /// <param name="message">What came.</param>
    /// <returns>False when it is no response, or no call waits for it: it goes to its handler.</returns>
    protected virtual bool TryComplete(TConnection connection, TIncoming message) => false;

    /// <summary>Hands a message to its handler; generated.</summary>
    /// <param name="connection">The client that sent it.</param>
    /// <param name="message">What came.</param>
    /// <param name="cancellationToken">Cancelled when the connection is gone.</param>
    protected abstract ValueTask Dispatch(TConnection connection, TIncoming message, CancellationToken cancellationToken);

    /// <summary>
    /// Sends a member of the oneof to all clients, newest first, without waiting. It is encoded once. A client whose queue has no room is
    /// disconnected; none keeps it from the others.
    /// </summary>
    /// <param name="field">The member's field number.</param>
    /// <param name="message">The member.</param>
    /// <returns>How many clients it is on its way to.</returns>
    /// <exception cref="MessiException">The message is too large; nobody got it.</exception>
    protected int BroadcastMember(int field, IMessage message) => core.Broadcast(field, message);

    /// <summary>Calls a handler, if there is one.</summary>
    /// <typeparam name="TMessage">The Protobuf message.</typeparam>
    /// <param name="handler">The handler, or null.</param>
    /// <param name="connection">The client that sent it.</param>
    /// <param name="message">What came.</param>
    /// <param name="cancellationToken">Cancelled when the connection is gone.</param>
    protected static ValueTask Handle<TMessage>(
        MessiHandler<TConnection, TMessage>? handler, TConnection connection, TMessage message, CancellationToken cancellationToken)
        => handler is null ? default : handler(connection, message, cancellationToken);

    /// <summary>A message came in which no member is set that this server knows: it is counted and ignored.</summary>
    /// <param name="connection">The client that sent it.</param>
    protected ValueTask UnknownMessage(TConnection connection)
    {
        ArgumentNullException.ThrowIfNull(connection);
        core.OnUnknown(connection.Client); // MESSI-016
        return default;
    }

    MessiConnection IMessiServerApplication.CreateConnection() => CreateConnection();

    ValueTask IMessiServerApplication.OnConnected(MessiConnection connection, CancellationToken cancellationToken)
        => OnConnected?.Invoke((TConnection)connection, cancellationToken) ?? default;

    ValueTask IMessiServerApplication.OnDisconnected(MessiConnection connection, MessiDisconnect disconnect)
        => OnDisconnected?.Invoke((TConnection)connection, disconnect) ?? default;

    bool IMessiServerApplication.TryComplete(MessiConnection connection, ReadOnlySpan<byte> payload)
        => TryParse(payload, out var message, out _) && TryComplete((TConnection)connection, message);

    bool IMessiServerApplication.TryHandle(
        MessiConnection connection,
        ReadOnlySpan<byte> payload,
        bool isLate,
        out ValueTask handling,
        out Exception? fault,
        CancellationToken cancellationToken)
    {
        handling = default;
        if (!TryParse(payload, out var message, out fault))
            return false;

        // MESSI-084: what has waited for a handler was no response when it came.
        if (isLate || !TryComplete((TConnection)connection, message))
            handling = Dispatch((TConnection)connection, message, cancellationToken);
        return true;
    }

    private bool TryParse(
        ReadOnlySpan<byte> payload, [NotNullWhen(true)] out TIncoming? message, [NotNullWhen(false)] out Exception? fault)
    {
        try
        {
            (message, fault) = (Parser.ParseFrom(payload), null); // MESSI-072
            return true;
        }
        catch (InvalidProtocolBufferException exception)
        {
            (message, fault) = (null, exception);
            return false;
        }
    }
}
