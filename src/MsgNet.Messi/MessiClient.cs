using Google.Protobuf;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// What generated clients are made of: a connection to a server that is made again whenever it is lost. Safe on any thread; handlers and
/// callbacks run one after another.
/// </summary>
/// <typeparam name="TIncoming">The Protobuf message that the server sends.</typeparam>
public abstract class MessiClient<TIncoming> : IMessiClient
    where TIncoming : class, IMessage<TIncoming>
{
    /// <summary>A client for a server's address.</summary>
    /// <param name="address"><c>tcp://host:port</c>, <c>tls://host:port</c>, or the multiaddress of a peer of the options' host.</param>
    /// <param name="options">How it works.</param>
    /// <param name="protoPackage">The package of the .proto file, which names streams; may be empty, but not for a multiaddress.</param>
    /// <exception cref="FormatException">The address cannot be read.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
    protected MessiClient(string address, MessiClientOptions options, string protoPackage)
        => throw new NotImplementedException(address + options + protoPackage);

    /// <summary>A client for a server at a peer.</summary>
    /// <param name="host">The host whose streams carry the messages.</param>
    /// <param name="peer">The peer.</param>
    /// <param name="options">How it works.</param>
    /// <param name="protoPackage">The package of the .proto file, which names the streams.</param>
    /// <exception cref="ArgumentException">The .proto file has no package.</exception>
    /// <exception cref="Microsoft.Extensions.Options.OptionsValidationException">The options are wrong.</exception>
    protected MessiClient(IMessageHost host, PeerId peer, MessiClientOptions options, string protoPackage)
        => throw new NotImplementedException(host.ToString() + peer + options + protoPackage);

    /// <summary>Called when a connection was made, before any message of it is handled. Set it before <see cref="Start"/>.</summary>
    public Func<CancellationToken, ValueTask>? OnConnected { get; set; }

    /// <summary>Called when a connection is gone, once for each, after its last handler. Set it before <see cref="Start"/>.</summary>
    public Func<MessiDisconnect, ValueTask>? OnDisconnected { get; set; }

    /// <summary>
    /// Called when an attempt to connect has failed; what it returns is the time before the next one, and null gives up. Null, the default:
    /// the delay of the options. Set it before <see cref="Start"/>.
    /// </summary>
    public Func<MessiConnectFailure, ValueTask<TimeSpan?>>? OnConnectFailed { get; set; }

    /// <inheritdoc/>
    public MessiClientState State => throw new NotImplementedException();

    /// <summary>Reads what the server sends.</summary>
    protected abstract MessageParser<TIncoming> Parser { get; }

    /// <inheritdoc/>
    public void Start() => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask WaitForConnection(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <inheritdoc/>
    public ValueTask Stop(CancellationToken cancellationToken = default) => throw new NotImplementedException();

    /// <summary>As <see cref="Stop"/>, for good.</summary>
    public async ValueTask DisposeAsync()
    {
        await Stop(CancellationToken.None);
        GC.SuppressFinalize(this);
    }

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
        => throw new NotImplementedException(field.ToString(), new OperationCanceledException(message.ToString(), cancellationToken));

    /// <summary>Sends a member of the oneof without waiting.</summary>
    /// <param name="field">The member's field number.</param>
    /// <param name="message">The member.</param>
    /// <returns>False when there is no connection, or no room in its queue.</returns>
    /// <exception cref="MessiException">The message is too large.</exception>
    protected bool TrySendMember(int field, IMessage message) => throw new NotImplementedException(field + message.ToString());

    /// <summary>Sends a request and waits for the answer.</summary>
    /// <typeparam name="TResponse">The Protobuf message that answers.</typeparam>
    /// <param name="calls">The calls of this pair.</param>
    /// <param name="field">The request's field number in the oneof.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the waiting; the answer is dropped when it comes.</param>
    /// <exception cref="MessiException">There is no connection, it was lost, or the request is too large.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="MessiClientOptions.CallTimeout"/>.</exception>
    protected ValueTask<TResponse> Call<TResponse>(
        MessiCalls<TResponse> calls, int field, IMessage request, CancellationToken cancellationToken)
        where TResponse : class
        => throw new NotImplementedException($"{calls}{field}{request}{cancellationToken}");

    /// <summary>The calls of one pair of request and response; for the constructor.</summary>
    /// <typeparam name="TResponse">The Protobuf message that answers.</typeparam>
    protected MessiCalls<TResponse> AddCalls<TResponse>()
        where TResponse : class => throw new NotImplementedException();

    /// <summary>Calls a handler, if there is one.</summary>
    /// <typeparam name="TMessage">The Protobuf message.</typeparam>
    /// <param name="handler">The handler, or null.</param>
    /// <param name="message">What came.</param>
    /// <param name="cancellationToken">Cancelled when the connection is gone.</param>
    protected static ValueTask Handle<TMessage>(MessiHandler<TMessage>? handler, TMessage message, CancellationToken cancellationToken)
        => handler is null ? default : handler(message, cancellationToken);

    /// <summary>A message came in which no member is set that this client knows: it is counted and ignored.</summary>
    protected ValueTask UnknownMessage() => throw new NotImplementedException();
}
