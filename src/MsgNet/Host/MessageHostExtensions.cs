using System.Buffers;

namespace MsgNet;

/// <summary>
/// The shapes of handlers and messages that users write. Safe on any thread; everything ends in a member of <see cref="IMessageHost"/>.
/// </summary>
public static class MessageHostExtensions
{
    /// <summary>Sets a handler that is done when it returns, in place of an earlier one.</summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="IMessageHost.ReceiveMessages"/>.</exception>
    public static void SetMessageHandler(this IMessageHost host, ProtocolId protocol, Action<Message> handler) =>
        SetMessageHandler(host, protocol, handler, HandlerOptions.Default);

    /// <summary>Sets a handler that is done when it returns, in place of an earlier one, and how it is run.</summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="IMessageHost.ReceiveMessages"/>.</exception>
    public static void SetMessageHandler(this IMessageHost host, ProtocolId protocol, Action<Message> handler, HandlerOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(handler);
        host.SetMessageHandler(protocol, Call, options); // API-002

        ValueTask Call(Message message, CancellationToken cancellationToken)
        {
            handler(message);
            return ValueTask.CompletedTask;
        }
    }

    /// <summary>Sets a handler that needs no token, in place of an earlier one.</summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="IMessageHost.ReceiveMessages"/>.</exception>
    public static void SetMessageHandler(this IMessageHost host, ProtocolId protocol, Func<Message, ValueTask> handler) =>
        SetMessageHandler(host, protocol, handler, HandlerOptions.Default);

    /// <summary>Sets a handler that needs no token, in place of an earlier one, and how it is run.</summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="IMessageHost.ReceiveMessages"/>.</exception>
    public static void SetMessageHandler(
        this IMessageHost host, ProtocolId protocol, Func<Message, ValueTask> handler, HandlerOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(handler);
        host.SetMessageHandler(protocol, (message, _) => handler(message), options);
    }

    /// <summary>
    /// Sets a handler whose result is the reply. Messages that are no requests are handled too; their result goes nowhere.
    /// </summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="IMessageHost.ReceiveMessages"/>.</exception>
    public static void SetRequestHandler(
        this IMessageHost host, ProtocolId protocol, Func<Message, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> handler) =>
        SetRequestHandler(host, protocol, handler, HandlerOptions.Default);

    /// <summary>Sets a handler whose result is the reply, and how it is run.</summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="IMessageHost.ReceiveMessages"/>.</exception>
    public static void SetRequestHandler(
        this IMessageHost host,
        ProtocolId protocol,
        Func<Message, CancellationToken, ValueTask<ReadOnlyMemory<byte>>> handler,
        HandlerOptions options)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(handler);
        host.SetMessageHandler(protocol, Answer, options); // API-004

        async ValueTask Answer(Message message, CancellationToken cancellationToken)
        {
            var reply = await handler(message, cancellationToken); // API-073
            if (message.CanReply)
                message.Reply(reply, CancellationToken.None).GetAwaiter().GetResult();
        }
    }

    /// <summary>Sends an unreliable message, such as <c>"hi"u8</c>; the bytes are copied before the call returns.</summary>
    /// <inheritdoc cref="IMessageHost.SendMessage(PeerId, ProtocolId, ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public static ValueTask SendMessage(
        this IMessageHost host, PeerId peer, ProtocolId protocol, ReadOnlySpan<byte> data, CancellationToken cancellationToken = default) =>
        SendMessage(host, peer, protocol, data, SendOptions.Unreliable, cancellationToken);

    /// <summary>Sends a message with the delivery asked for; the bytes are copied before the call returns.</summary>
    /// <inheritdoc cref="IMessageHost.SendMessage(PeerId, ProtocolId, ReadOnlyMemory{byte}, SendOptions, CancellationToken)"
    /// path="/exception"/>
    public static ValueTask SendMessage(
        this IMessageHost host,
        PeerId peer,
        ProtocolId protocol,
        ReadOnlySpan<byte> data,
        SendOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        var copy = ArrayPool<byte>.Shared.Rent(data.Length);
        data.CopyTo(copy);
        return SendRented(host, peer, protocol, copy, data.Length, options, cancellationToken);
    }

    /// <summary>
    /// Sends bytes of the shared pool and gives them back, if they are free when the call returns; else the garbage collector has them.
    /// </summary>
    internal static ValueTask SendRented(
        IMessageHost host,
        PeerId peer,
        ProtocolId protocol,
        byte[] rented,
        int length,
        SendOptions options,
        CancellationToken cancellationToken)
    {
        var sending = host.SendMessage(peer, protocol, rented.AsMemory(0, length), options, cancellationToken);
        if (!sending.IsCompletedSuccessfully)
            return sending;

        sending.GetAwaiter().GetResult();
        ArrayPool<byte>.Shared.Return(rented);
        return ValueTask.CompletedTask;
    }
}
