using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Messages outside protocols that wait for <see cref="IMessageSocket.ReadMessage"/>, and readers that wait for them. Bounded by what each
/// sender's session may hold. Every member is called under the gate.
/// </summary>
internal sealed class RawInbox(IScheduler scheduler)
{
    private readonly Queue<MemoryEvent> messages = [];
    private readonly List<ReadWaiter> readers = [];

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
        readers.RemoveAll(ended => ended.IsEnded);
        var reader = new ReadWaiter(scheduler, buffer);
        readers.Add(reader);
        reader.CancelWith(cancellationToken);
        return reader.Read;
    }

    public void Add(in MemoryEvent message)
    {
        var taken = false;
        while (!taken && readers.Count > 0)
        {
            taken = readers[0].Complete(message.From!, message.Data);
            readers.RemoveAt(0);
        }

        if (taken)
            message.Channel.OnRawRead(message);
        else
            messages.Enqueue(message);
    }

    public void Close(MemorySocket socket)
    {
        while (messages.TryDequeue(out var message))
            socket.Return(message);
        foreach (var reader in readers)
            reader.Fail(new ObjectDisposedException(nameof(IMessageSocket), "The socket is closed: open another."));
        readers.Clear();
    }
}
