using System.Buffers;
using Google.Protobuf;

namespace MsgNet;

/// <summary>Protobuf messages on <see cref="IMessageHost"/>. Safe on any thread.</summary>
public static class ProtobufExtensions
{
    /// <summary>Sends a protobuf message unreliably; it is encoded before the call returns.</summary>
    /// <inheritdoc cref="IMessageHost.SendMessage(PeerId, ProtocolId, ReadOnlyMemory{byte}, CancellationToken)" path="/exception"/>
    public static ValueTask SendMessage(
        this IMessageHost host, PeerId peer, ProtocolId protocol, IMessage message, CancellationToken cancellationToken = default) =>
        SendMessage(host, peer, protocol, message, SendOptions.Unreliable, cancellationToken);

    /// <summary>Sends a protobuf message with the delivery asked for; it is encoded before the call returns.</summary>
    /// <inheritdoc cref="IMessageHost.SendMessage(PeerId, ProtocolId, ReadOnlyMemory{byte}, SendOptions, CancellationToken)"
    /// path="/exception"/>
    public static ValueTask SendMessage(
        this IMessageHost host,
        PeerId peer,
        ProtocolId protocol,
        IMessage message,
        SendOptions options,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(message);
        var length = message.CalculateSize();
        var encoded = ArrayPool<byte>.Shared.Rent(length);
        message.WriteTo(encoded.AsSpan(0, length)); // API-004
        return MessageHostExtensions.SendRented(host, peer, protocol, encoded, length, options, cancellationToken);
    }

    /// <summary>
    /// Sets a handler of protobuf messages, in place of an earlier one. Bytes that are no <typeparamref name="T"/> never reach it: they are
    /// counted and logged, and a request gets <see cref="RequestStatus.HandlerFailed"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="IMessageHost.ReceiveMessages"/>.</exception>
    public static void SetMessageHandler<T>(this IMessageHost host, ProtocolId protocol, Func<PeerId, T, ValueTask> handler)
        where T : IMessage<T>, new() =>
        SetMessageHandler(host, protocol, handler, HandlerOptions.Default);

    /// <summary>Sets a handler of protobuf messages, in place of an earlier one, and how it is run.</summary>
    /// <exception cref="InvalidOperationException">The protocol is read by <see cref="IMessageHost.ReceiveMessages"/>.</exception>
    public static void SetMessageHandler<T>(
        this IMessageHost host, ProtocolId protocol, Func<PeerId, T, ValueTask> handler, HandlerOptions options)
        where T : IMessage<T>, new()
    {
        ArgumentNullException.ThrowIfNull(host);
        ArgumentNullException.ThrowIfNull(handler);
        host.SetMessageHandler(protocol, new ProtobufHandler<T>(handler).Handle, options);
    }
}
