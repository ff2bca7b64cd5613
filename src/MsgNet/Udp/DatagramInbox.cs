using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Messages outside protocols that wait for <see cref="IMessageSocket.ReadMessage"/>, and readers that wait for them. Holds 256 messages
/// and 1 MiB; what comes when it is full is dropped and counted, as a kernel does. Every member is called under the gate.
/// </summary>
internal sealed class DatagramInbox(IScheduler scheduler)
{
    private readonly Queue<(Multiaddress From, byte[] Data)> messages = [];
    private readonly List<ReadWaiter> readers = [];
    private int bytes;

    /// <summary>Messages that found no room.</summary>
    public long Dropped { get; private set; }

    public ValueTask<(Multiaddress From, int Bytes)> Read(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<(Multiaddress From, int Bytes)>(cancellationToken);

        if (messages.TryDequeue(out var message))
        {
            bytes -= message.Data.Length;
            return ValueTask.FromResult((message.From, ReadWaiter.Copy(message.Data, buffer.Span)));
        }

        // A reader that was cancelled stays until the next one comes, at most.
        readers.RemoveAll(ended => ended.IsEnded);
        var reader = new ReadWaiter(scheduler, buffer);
        readers.Add(reader);
        reader.CancelWith(cancellationToken);
        return reader.Read;
    }

    public void Add(Multiaddress from, ReadOnlySpan<byte> data)
    {
        while (readers.Count > 0)
        {
            var reader = readers[0];
            readers.RemoveAt(0);
            if (reader.Complete(from, data))
                return;
        }

        if (messages.Count == Limits.HandlerQueueMessagesMax || bytes + data.Length > Limits.HandlerQueueBytesMax)
        {
            Dropped++;
            return;
        }

        messages.Enqueue((from, data.ToArray()));
        bytes += data.Length;
    }

    public void Close()
    {
        messages.Clear();
        foreach (var reader in readers)
            reader.Fail(new ObjectDisposedException(nameof(IMessageSocket), "The socket is closed: open another."));

        readers.Clear();
    }
}
