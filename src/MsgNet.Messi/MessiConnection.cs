using Google.Protobuf;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>What generated servers hold of one client. Safe on any thread.</summary>
public abstract class MessiConnection
{
    private MessiServerClient? client;

    /// <summary>For generated code; the server gives the connection its carrier.</summary>
    protected MessiConnection()
    {
    }

    /// <summary>The other end, such as <c>192.0.2.1:50123</c>, or its peer id over MsgNet; for logs.</summary>
    public string Remote => Client.Link.Remote;

    /// <summary>The peer at the other end, which MsgNet has authenticated; null over TCP and TLS.</summary>
    public PeerId? RemotePeer => Client.Link.Peer;

    /// <summary>The application's own; null at first.</summary>
    public object? Tag { get; set; }

    /// <summary>Completes with the reason when the connection has ended, after its last handler.</summary>
    public Task<MessiDisconnect> Completion => Client.Link.Completion;

    internal List<IMessiCalls> Calls { get; } = [];

    internal MessiServerClient Client => client ?? throw new InvalidOperationException(
        "This connection belongs to no server: connections are made by servers only.");

    /// <summary>
    /// Ends the connection. What was sent before leaves first; what the client sent and no handler has seen is dropped. Returns at once,
    /// and may be called from handlers.
    /// </summary>
    public void Disconnect() => Client.Link.End(MessiDisconnectReason.Disconnected, null, MessiEnding.Local);

    internal void Attach(MessiServerClient owner) => client = owner;

    /// <summary>
    /// Sends a member of the oneof. Completes when the message is encoded in the send queue, and waits for room there; the message must not
    /// be changed before.
    /// </summary>
    /// <param name="field">The member's field number.</param>
    /// <param name="message">The member.</param>
    /// <param name="cancellationToken">Ends the waiting; what has completed is sent.</param>
    /// <exception cref="MessiException">The connection was lost, or the message is too large.</exception>
    protected ValueTask SendMember(int field, IMessage message, CancellationToken cancellationToken)
        => Client.Link.Output.Send(field, message, cancellationToken);

    /// <summary>Sends a member of the oneof without waiting.</summary>
    /// <param name="field">The member's field number.</param>
    /// <param name="message">The member.</param>
    /// <returns>False when the connection is gone, or there is no room in its queue.</returns>
    /// <exception cref="MessiException">The message is too large.</exception>
    protected bool TrySendMember(int field, IMessage message) => Client.Link.Output.TrySend(field, message);

    /// <summary>As <see cref="SendMember"/>, to the client whose message is being handled.</summary>
    /// <param name="field">The member's field number.</param>
    /// <param name="message">The member.</param>
    /// <param name="cancellationToken">Ends the waiting; what has completed is sent.</param>
    /// <exception cref="InvalidOperationException">No handler of this connection runs.</exception>
    /// <exception cref="MessiException">The connection was lost, or the message is too large.</exception>
    protected ValueTask ReplyMember(int field, IMessage message, CancellationToken cancellationToken)
        => Client.Link.IsInHandler // API-200
            ? SendMember(field, message, cancellationToken)
            : throw new InvalidOperationException("No message of this client is being handled: reply in a handler, or use Send.");

    /// <summary>Sends a request and waits for the answer.</summary>
    /// <typeparam name="TResponse">The Protobuf message that answers.</typeparam>
    /// <param name="calls">The calls of this pair.</param>
    /// <param name="field">The request's field number in the oneof.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Ends the waiting; the answer is dropped when it comes.</param>
    /// <exception cref="MessiException">The connection was lost, or the request is too large.</exception>
    /// <exception cref="TimeoutException">No answer within <see cref="MessiServerOptions.CallTimeout"/>.</exception>
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
        var options = Client.Options;
        return calls.Call(Client.Link.Output, field, request, options.CallTimeout, options.TimeProvider, cancellationToken);
    }

    /// <summary>The calls of one pair of request and response; for the constructor.</summary>
    /// <typeparam name="TResponse">The Protobuf message that answers.</typeparam>
    protected MessiCalls<TResponse> AddCalls<TResponse>()
        where TResponse : class
    {
        var pair = new MessiCalls<TResponse>();
        Calls.Add(pair);
        return pair;
    }
}
