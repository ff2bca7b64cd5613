using System.Diagnostics.CodeAnalysis;
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

        var send = new PendingSend(data, options.WaitForDelivery);
        if (!context.Diagnostics.IsObserved)
            return Send(peer, protocol, data.Length, ref send, options, cancellationToken);

        var observation = context.Diagnostics.For(protocol).BeginSend(peer, data.Length); // API-156
        return Observed(observation, peer, protocol, data.Length, ref send, options, cancellationToken);
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

        var send = new PendingSend(messages, options.WaitForDelivery);
        var (largest, total) = MessageSizes.Of(messages.Span);
        if (!context.Diagnostics.IsObserved)
            return Send(peer, protocol, largest, ref send, options, cancellationToken);

        var observation = context.Diagnostics.For(protocol).BeginSend(peer, total);
        observation.DescribeBatch(messages.Length);
        return Observed(observation, peer, protocol, largest, ref send, options, cancellationToken);
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

        var like = OptionsFor(options.Delivery);
        if (!TryGetSession(peer, protocol, like, data.Length, out var session, out var error))
            return ValueTask.FromException<Message>(context.Diagnostics.For(protocol).RequestRefused(peer, data.Length, error));

        var waiter = new RequestWaiter(Scheduler, peer, protocol, options.Timeout);
        waiter.Observe(context.Diagnostics.For(protocol), data.Length);
        waiter.CancelWith(cancellationToken);
        try
        {
            Send(waiter, session, data, like, context.Platform.Now + options.Timeout, cancellationToken);
        }
        catch (Exception failure)
        {
            waiter.Fail(failure);
            if (failure is not ObjectDisposedException) // API-019
                throw;
        }

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
                throw error;

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

    private ValueTask Observed(
        Observation observation,
        PeerId peer,
        ProtocolId protocol,
        int largest,
        ref PendingSend send,
        SendOptions options,
        CancellationToken cancellationToken)
    {
        try
        {
            return observation.EndWith(Send(peer, protocol, largest, ref send, options, cancellationToken));
        }
        catch (Exception error)
        {
            observation.End(error);
            throw;
        }
    }

    private ValueTask Send(
        PeerId peer, ProtocolId protocol, int largest, ref PendingSend send, SendOptions options, CancellationToken cancellationToken)
    {
        while (true)
        {
            if (!TryGetSession(peer, protocol, options, largest, out var session, out var error))
                return ValueTask.FromException(error);

            // Else the peer was closed, or the session had to go for others, since it was found: its caller has never seen it.
            if (session.TrySubmit(ref send, cancellationToken, out var sending)) // API-084
                return sending;
        }
    }

    private void Send(
        RequestWaiter waiter,
        ICarrierSession session,
        ReadOnlyMemory<byte> data,
        SendOptions options,
        Instant deadline,
        CancellationToken cancellationToken)
    {
        while (!RequestOperation.TrySend(context, session, waiter, data, deadline, cancellationToken)) // API-084
        {
            if (TryGetSession(waiter.Peer, waiter.Protocol, options, data.Length, out var another, out var error))
            {
                session = another;
                continue;
            }

            waiter.Fail(error);
            return;
        }
    }

    private bool TryGetSession(
        PeerId peer,
        ProtocolId protocol,
        SendOptions options,
        int size,
        [NotNullWhen(true)] out ICarrierSession? session,
        [NotNullWhen(false)] out Exception? error)
    {
        session = null;

        // The limit of unreliable messages does not depend on the transport found: what works today must work tomorrow.
        error = options.Delivery == Delivery.Unreliable && size > Limits.UnreliableMessageMax
            ? new MessageTooLargeException(size, Limits.UnreliableMessageMax, options.Delivery) // API-037
            : null;
        if (error is not null)
            return false;

        var key = SessionKey.Of(peer, protocol, options);
        if (!TryFind(key, out session) && !TryOpenKept(key, options, out session, out error))
            return false;

        error = MessageSizes.Check(size, session.Guarantees);
        return error is null;
    }

    // Outside the gate it may end at once; whoever then sends on it learns that under the gate.
    private bool TryFind(in SessionKey key, [NotNullWhen(true)] out ICarrierSession? session) => // API-084
        sessions.TryGet(key, out session) && !session.IsEnded;

    private bool TryOpenKept(
        in SessionKey key,
        SendOptions options,
        [NotNullWhen(true)] out ICarrierSession? session,
        [NotNullWhen(false)] out Exception? error)
    {
        error = null;
        using (context.Gate.Enter())
        {
            if (TryFind(key, out session))
                return true;
            if (!TryOpen(key.Peer, key.Protocol, options, out session, out var transport, out error))
                return false;

            Keep(key, session, transport);
            return true;
        }
    }
}
