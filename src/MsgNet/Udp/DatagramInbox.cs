using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// Messages outside protocols that wait for <see cref="IMessageSocket.ReadMessage"/>, and readers that wait for them. Holds 256 messages
/// and 1 MiB; what comes when it is full is dropped and counted, as a kernel does. Every member is called under the gate.
/// </summary>
internal sealed class DatagramInbox(IScheduler scheduler, UdpLosses losses)
{
    private readonly Queue<(Multiaddress From, byte[] Data)> messages = [];
    private readonly WaitingReaders readers = new(scheduler);
    private int bytes;

    public ValueTask<(Multiaddress From, int Bytes)> Read(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<(Multiaddress From, int Bytes)>(cancellationToken);

        if (messages.TryDequeue(out var message))
        {
            bytes -= message.Data.Length;
            return ValueTask.FromResult((message.From, WaitingReaders.Copy(message.Data, buffer.Span)));
        }

        return readers.Add(buffer, cancellationToken);
    }

    /// <summary>Takes a message, or drops and counts it.</summary>
    public void Add(Multiaddress from, ReadOnlySpan<byte> data)
    {
        if (!TryAdd(from, data))
            losses.AddInboxFull(); // API-155
    }

    /// <summary>Takes a message; false when there is no room. One of any size enters an empty inbox.</summary>
    public bool TryAdd(Multiaddress from, ReadOnlySpan<byte> data)
    {
        if (readers.TryGive(from, data))
            return true;
        if (messages.Count == Limits.HandlerQueueMessagesMax
            || (messages.Count > 0 && bytes + data.Length > Limits.HandlerQueueBytesMax))
        {
            return false;
        }

        messages.Enqueue((from, data.ToArray()));
        bytes += data.Length;
        return true;
    }

    public void Close()
    {
        messages.Clear();
        readers.Close();
    }
}
