using Google.Protobuf;

namespace MsgNet;

/// <summary>Parses messages for a typed handler. What does not parse is the sender's fault, so it is no failure of the handler.</summary>
internal sealed class ProtobufHandler<T>(Func<PeerId, T, ValueTask> handler) : IReportingHandler
    where T : IMessage<T>, new()
{
    private static readonly MessageParser<T> Parser = new(() => new T());
    private HandlerReports? reports;

    /// <inheritdoc/>
    public void Attach(HandlerReports to) => Volatile.Write(ref reports, to);

    public ValueTask Handle(Message message, CancellationToken cancellationToken)
    {
        T parsed;
        try
        {
            parsed = Parser.ParseFrom(message.Data.Span);
        }
        catch (InvalidProtocolBufferException exception)
        {
            Volatile.Read(ref reports)?.Malformed(message.From, exception.Message);
            message.Refuse(RequestStatus.HandlerFailed);
            return ValueTask.CompletedTask;
        }

        return handler(message.From, parsed);
    }
}
