using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Messages outside protocols that wait for <see cref="IMessageSocket.ReadMessage"/>, and readers that wait for them. Bounded by what each
/// sender's session may hold. Every member is called under the gate.
/// </summary>
internal sealed class RawInbox(IScheduler scheduler)
{
    private readonly Queue<MemoryEvent> messages = [];
    private readonly Queue<ReadWaiter> readers = [];

    public ValueTask<(Multiaddress From, int Bytes)> Read(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<(Multiaddress From, int Bytes)>(cancellationToken);

        if (messages.TryDequeue(out var message))
        {
            var read = (message.From!, ReadWaiter.Copy(message.Data, buffer.Span));
            message.Channel.OnRawRead(message);
            return ValueTask.FromResult(read);
        }

        // A reader that was cancelled stays until the next one comes, at most.
        while (readers.TryPeek(out var ended) && ended.IsEnded)
            readers.Dequeue();
        var reader = new ReadWaiter(scheduler, buffer);
        readers.Enqueue(reader);
        reader.CancelWith(cancellationToken);
        return reader.Read;
    }

    public void Add(in MemoryEvent message)
    {
        while (readers.TryDequeue(out var reader))
        {
            if (!reader.Complete(message.From!, message.Data))
                continue;

            message.Channel.OnRawRead(message);
            return;
        }

        messages.Enqueue(message);
    }

    public void Close(MemorySocket socket)
    {
        while (messages.TryDequeue(out var message))
            socket.Return(message);
        while (readers.TryDequeue(out var reader))
            reader.Fail(new ObjectDisposedException(nameof(IMessageSocket), "The socket is closed: open another."));
    }
}
