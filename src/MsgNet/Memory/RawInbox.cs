using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Messages outside protocols that wait for <see cref="IMessageSocket.ReadMessage"/>, and readers that wait for them. Bounded by what each
/// sender's session may hold. Every member is called under the gate.
/// </summary>
internal sealed class RawInbox(IScheduler scheduler)
{
    private readonly Queue<MemoryEvent> messages = [];
    private readonly WaitingReaders readers = new(scheduler);

    public ValueTask<(Multiaddress From, int Bytes)> Read(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<(Multiaddress From, int Bytes)>(cancellationToken);

        if (messages.TryDequeue(out var message))
        {
            var read = (message.From!, WaitingReaders.Copy(message.Data, buffer.Span));
            message.Channel.OnRawRead(message);
            return ValueTask.FromResult(read);
        }

        return readers.Add(buffer, cancellationToken);
    }

    public void Add(in MemoryEvent message)
    {
        if (readers.TryGive(message.From!, message.Data))
            message.Channel.OnRawRead(message);
        else
            messages.Enqueue(message);
    }

    public void Close(MemorySocket socket)
    {
        while (messages.TryDequeue(out var message))
            socket.Return(message);
        readers.Close();
    }
}
