using MsgNet.Core;

namespace MsgNet;

/// <content>Sends: which session carries them.</content>
internal sealed partial class MessageNetwork
{
    /// <inheritdoc/>
    public ValueTask SendMessage(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, SendOptions options, CancellationToken cancellationToken = default)
    {
        CheckTarget(peer, protocol);
        OptionChecks.Check(options);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        return TryGetSession(peer, protocol, options, data.Length, out var session, out var error)
            ? session.SendMessage(data, options.WaitForDelivery, cancellationToken)
            : ValueTask.FromException(context.Diagnostics.For(protocol).SendRefused(peer, data.Length, error!));
    }

    /// <summary>As <see cref="IMessageHost.SendMessages"/>.</summary>
    public ValueTask SendMessages(
        PeerId peer,
        ProtocolId protocol,
        ReadOnlyMemory<ReadOnlyMemory<byte>> messages,
        SendOptions options,
        CancellationToken cancellationToken)
    {
        CheckTarget(peer, protocol);
        OptionChecks.Check(options);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        var largest = MessageSizes.Largest(messages.Span);
        return TryGetSession(peer, protocol, options, largest, out var session, out var error)
            ? session.SendMessages(messages, options.WaitForDelivery, cancellationToken)
            : ValueTask.FromException(context.Diagnostics.For(protocol).SendRefused(peer, largest, error!));
    }

    /// <summary>
    /// As <see cref="IMessageHost.Request(PeerId, ProtocolId, ReadOnlyMemory{byte}, RequestOptions, CancellationToken)"/>.
    /// </summary>
    public ValueTask<Message> Request(
        PeerId peer, ProtocolId protocol, ReadOnlyMemory<byte> data, RequestOptions options, CancellationToken cancellationToken)
    {
        CheckTarget(peer, protocol);
        OptionChecks.Check(options);
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<Message>(cancellationToken);
        if (!TryGetSession(peer, protocol, OptionsFor(options.Delivery), data.Length, out var session, out var error))
            return ValueTask.FromException<Message>(context.Diagnostics.For(protocol).RequestRefused(peer, data.Length, error!));

        var waiter = new RequestWaiter(Scheduler, peer, protocol, options.Timeout);
        waiter.Observe(context.Diagnostics.For(protocol), data.Length);
        waiter.CancelWith(cancellationToken);
        RequestOperation.Send(context, session, waiter, data, context.Platform.Now + options.Timeout, cancellationToken);
        return waiter.Reply; // API-071
    }

    /// <summary>As <see cref="IMessageHost.OpenSession"/>.</summary>
    public ISocketSession OpenSession(PeerId peer, ProtocolId protocol, SendOptions options) // API-041
    {
        CheckTarget(peer, protocol);
        OptionChecks.Check(options);
        using (context.Gate.Enter())
        {
            if (!TryOpen(peer, protocol, options, out var session, out var transport, out var error))
                throw error!;

            sessions.Add(peer, session);
            Watch(session, SessionKey.Of(peer, protocol, options), transport);
            return session;
        }
    }

    private static SendOptions OptionsFor(Delivery delivery) => delivery switch
    {
        Delivery.Unreliable => SendOptions.Unreliable,
        Delivery.Reliable => SendOptions.Reliable,
        _ => SendOptions.Ordered,
    };

    private bool TryGetSession(
        PeerId peer, ProtocolId protocol, SendOptions options, int size, out ICarrierSession session, out Exception? error)
    {
        session = null!;

        // The limit of unreliable messages does not depend on the transport found: what works today must work tomorrow.
        error = options.Delivery == Delivery.Unreliable && size > Limits.UnreliableMessageMax
            ? new MessageTooLargeException(size, Limits.UnreliableMessageMax, options.Delivery) // API-037
            : null;
        if (error is not null)
            return false;

        var key = SessionKey.Of(peer, protocol, options);
        using (context.Gate.Enter())
        {
            // API-084
            if (sessions.TryGet(key, out var known) && !known.IsEnded)
                session = known;
            else if (TryOpen(peer, protocol, options, out session, out var transport, out error))
                Keep(key, session, transport);
            else
                return false;
        }

        var limit = session.Guarantees.MessageSizeMax;
        if (size > limit)
            error = new MessageTooLargeException(size, limit, session.Guarantees.Delivery);
        return error is null;
    }
}
