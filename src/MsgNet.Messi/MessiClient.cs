using System.Diagnostics.CodeAnalysis;
using Google.Protobuf;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// What generated clients are made of: a connection to a server that is made again whenever it is lost. Safe on any thread; handlers and
/// callbacks run one after another.
/// </summary>
/// <typeparam name="TIncoming">The Protobuf message that the server sends.</typeparam>
public abstract class MessiClient<TIncoming> : IMessiClient, IMessiClientApplication
    where TIncoming : class, IMessage<TIncoming>
{
    private readonly MessiClientCore core;

    /// <summary>A client for a server's address.</summary>
    /// <param name="address"><c>tcp://host:port</c>, <c>tls://host:port</c>, or the multiaddress of a peer of the options' host.</param>
    /// <param name="options">How it works.</param>
    /// <param name="protoPackage">The package of the .proto file, which names streams; may be empty, but not for a multiaddress.</param>
    /// <exception cref="FormatException">The address cannot be read.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
    protected MessiClient(string address, MessiClientOptions options, string protoPackage)
    {
        var checkedOptions = MessiOptionChecks.Copy(options);
        var parsed = MessiAddress.Parse(address, MessiRole.Client);
        core = new MessiClientCore(this, new MessiDialer(parsed, checkedOptions, protoPackage), checkedOptions);
    }

    /// <summary>A client for a server at a peer.</summary>
    /// <param name="host">The host whose streams carry the messages.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="options">How it works.</param>
    /// <param name="protoPackage">The package of the .proto file, which names the streams.</param>
    /// <exception cref="ArgumentException">The .proto file has no package.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
    protected MessiClient(IMessageHost host, PeerId peer, MessiClientOptions options, string protoPackage)
    {
        ArgumentNullException.ThrowIfNull(host);
        core = new MessiClientCore(this, new MessiDialer(host, peer, MessiProtocolName.Of(protoPackage)), MessiOptionChecks.Copy(options));
    }

    /// <summary>Called when a connection was made, before any message of it is handled. Set it before <see cref="Start"/>.</summary>
    public Func<CancellationToken, ValueTask>? OnConnected { get; set; }

    /// <summary>
    /// Called when a connection is gone, once for each, after its last handler. This end's own stop is an end, too.
    /// Set it before <see cref="Start"/>.
    /// </summary>
    public Func<MessiDisconnect, ValueTask>? OnDisconnected { get; set; }

    /// <summary>
    /// Called when an attempt to connect has failed; what it returns is the time before the next one, and null gives up. Null, the default:
    /// the delay of the options. Set it before <see cref="Start"/>.
    /// </summary>
    public Func<MessiConnectFailure, ValueTask<TimeSpan?>>? OnConnectFailed { get; set; }

    /// <inheritdoc/>
    public MessiClientState State => core.State;

    internal MessiLink? Link => core.Link;

    /// <summary>Reads what the server sends.</summary>
    protected abstract MessageParser<TIncoming> Parser { get; }

    /// <inheritdoc/>
    public void Start() => core.Start();

    /// <inheritdoc/>
    public ValueTask WaitForConnection(CancellationToken cancellationToken = default) => core.WaitForConnection(cancellationToken);

    /// <inheritdoc/>
    public ValueTask Stop(CancellationToken cancellationToken = default) => core.Stop(forever: false, cancellationToken);

    /// <summary>As <see cref="Stop"/>, for good.</summary>
    public async ValueTask DisposeAsync()
    {
        await core.Stop(forever: true, CancellationToken.None).ConfigureAwait(false);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives a message to the call that waits for it; generated where there are pairs of request and response.</summary>
    /// <param name="message">What came.</param>
    /// <returns>False when it is no response, or no call waits for it: it goes to its handler.</returns>
    protected virtual bool TryComplete(TIncoming message) => false;

    /// <summary>Hands a message to its handler; generated.</summary>
    /// <param name="message">What came.</param>
    /// <param name="cancellationToken">Cancelled when the connection is gone.</param>
    protected abstract ValueTask Dispatch(TIncoming message, CancellationToken cancellationToken);

    /// <summary>
    /// Sends a member of the oneof. Completes when the message is encoded in the send queue, and waits for room there; the message must not
    /// be changed before.
    /// </summary>
    /// <param name="field">The member's field number.</param>
    /// <param name="message">The member.</param>
    /// <param name="cancellationToken">Ends the waiting; what has completed is sent.</param>
    /// <exception cref="MessiException">There is no connection, it was lost, or the message is too large.</exception>
    protected ValueTask SendMember(int field, IMessage message, CancellationToken cancellationToken)
        => core.Send(field, message, cancellationToken);

    /// <summary>Sends a member of the oneof without waiting.</summary>
    /// <param name="field">The member's field number.</param>
    /// <param name="message">The member.</param>
    /// <returns>False when there is no connection, or no room in its queue.</returns>
    /// <exception cref="MessiException">The message is too large.</exception>
    protected bool TrySendMember(int field, IMessage message) => core.TrySend(field, message);

    /// <summary>Sends a request and waits for the answer.</summary>
    /// <typeparam name="TResponse">The Protobuf message that answers.</typeparam>
    /// <param name="calls">The calls of this pair.</param>
    /// <param name="field">The request's field number in the oneof.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the waiting; the answer is dropped when it comes.</param>
    /// <exception cref="MessiException">There is no connection, it was lost, or the request is too large.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="MessiClientOptions.CallTimeout"/>.</exception>
    /// <exception cref="InvalidOperationException">Too many calls of this kind wait already (4,096).</exception>
    /// <remarks>
    /// A handler of this connection may await it: the response overtakes the messages that wait for that handler, as long as these fit
    /// half of <c>ReceiveQueueMax</c> and reading goes on.
    /// </remarks>
    protected ValueTask<TResponse> Call<TResponse>(
        MessiCalls<TResponse> calls, int field, IMessage request, CancellationToken cancellationToken)
        where TResponse : class
    {
        ArgumentNullException.ThrowIfNull(calls);
        return core.Call(calls, field, request, cancellationToken);
    }

    /// <summary>The calls of one pair of request and response; for the constructor.</summary>
    /// <typeparam name="TResponse">The Protobuf message that answers.</typeparam>
    protected MessiCalls<TResponse> AddCalls<TResponse>()
        where TResponse : class => core.AddCalls<TResponse>();

    /// <summary>Calls a handler, if there is one.</summary>
    /// <typeparam name="TMessage">The Protobuf message.</typeparam>
    /// <param name="handler">The handler, or null.</param>
    /// <param name="message">What came.</param>
    /// <param name="cancellationToken">Cancelled when the connection is gone.</param>
    protected static ValueTask Handle<TMessage>(MessiHandler<TMessage>? handler, TMessage message, CancellationToken cancellationToken)
        => handler is null ? default : handler(message, cancellationToken);

    /// <summary>A message came in which no member is set that this client knows: it is counted and ignored.</summary>
    protected ValueTask UnknownMessage()
    {
        core.OnUnknown(); // MESSI-016
        return default;
    }

    ValueTask IMessiClientApplication.OnConnected(CancellationToken cancellationToken)
        => OnConnected?.Invoke(cancellationToken) ?? default;

    ValueTask IMessiClientApplication.OnDisconnected(MessiDisconnect disconnect) => OnDisconnected?.Invoke(disconnect) ?? default;

    ValueTask<TimeSpan?> IMessiClientApplication.OnConnectFailed(MessiConnectFailure failure)
        => OnConnectFailed?.Invoke(failure) ?? new ValueTask<TimeSpan?>(failure.Delay);

    bool IMessiClientApplication.TryComplete(ReadOnlySpan<byte> payload)
        => TryParse(payload, out var message, out _) && TryComplete(message);

    bool IMessiClientApplication.TryHandle(
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
        if (isLate || !TryComplete(message))
            handling = Dispatch(message, cancellationToken);
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
