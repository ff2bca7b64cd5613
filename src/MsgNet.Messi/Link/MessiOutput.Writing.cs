using System.Buffers.Binary;
using Google.Protobuf;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <content>Writes to the carrier, pings and pongs, sends that wait, and the end.</content>
internal sealed partial class MessiOutput
{
    /// <summary>A ping or pong stands in line behind so many bytes at most; behind more it is written first.</summary>
    private const int ControlBehindMax = 16 * 1024;

    /// <summary>After so many writes in a row a thread that came to send goes on; one of the pool writes what others send.</summary>
    private const int WritesInRowMax = 4;

    private readonly LinkedList<MessiSendWait> waits = new();
    private TaskCompletionSource? drained;
    private MessiSendWait? spareWait;
    private ValueTask write;
    private byte[]? sending;
    private int controlsAhead;
    private int controlsInFilling;
    private int controlsInSending;
    private long messagesAppended;
    private long messagesInSending;

    /// <summary>Queues a ping or a pong, whatever waits: its owner bounds how many there are.</summary>
    public void SendControl()
    {
        lock (gate)
        {
            if (end is not null)
                return;

            // MESSI-065
            if (!isFormatKnown || filled + writing > ControlBehindMax)
            {
                controlsAhead++;
            }
            else
            {
                filled += WriteControl(Reserve(0));
                controlsInFilling++;
            }

            if (!Claim())
                return;
        }

        Flush();
    }

    /// <summary>The format is known: what has waited for it leaves.</summary>
    public void SetFormat(MessiWireFormat known)
    {
        lock (gate)
        {
            if (isFormatKnown || end is not null)
                return;

            if (known == MessiWireFormat.Compact && filling is not null)
                filled = Compact(filling.AsSpan(0, filled));
            format = known;
            isFormatKnown = true;
            if ((filled == 0 && controlsAhead == 0) || !Claim())
                return;
        }

        Write();
    }

    /// <summary>Nothing more is taken; sends that wait fail.</summary>
    /// <param name="reason">What they, and later ones, throw.</param>
    /// <param name="keep">What is queued is still written; else it is dropped.</param>
    /// <returns>Completes when nothing waits to be written any more.</returns>
    public Task End(MessiException reason, bool keep)
    {
        MessiSendWait[] failed;
        Task task;
        lock (gate)
        {
            end ??= reason;
            failed = [.. waits];
            waits.Clear();
            if (!keep || !isFormatKnown)
                Drop();
            var idle = !isFlushing && !isCorked && filled == 0 && controlsAhead == 0;
            task = idle ? Task.CompletedTask : (drained ??= NewSignal()).Task;
            if (idle)
                Release();
        }

        foreach (var wait in failed)
            wait.Complete(end.Again());
        return task;
    }

    /// <summary>Takes a wait out of the list; false when it is not there any more.</summary>
    public bool TryRemove(MessiSendWait wait)
    {
        lock (gate)
        {
            if (wait.Node.List is null)
                return false;

            waits.Remove(wait.Node);
            return true;
        }
    }

    /// <summary>A wait was awaited to its end.</summary>
    public void Recycle(MessiSendWait wait)
    {
        lock (gate)
            spareWait ??= wait;
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MessiSendWait AddWait(int field, IMessage message)
    {
        var wait = spareWait ?? new MessiSendWait(this);
        spareWait = null;
        wait.Set(field, message);
        waits.AddLast(wait.Node);
        return wait;
    }

    /// <summary>Writes until nothing is left, or a write does not complete at once. One thread at a time: that of the flush.</summary>
    private void Write()
    {
        try
        {
            for (var writes = 0; TryTake(out var length); writes++)
            {
                write = stream.WriteAsync(sending.AsMemory(0, length), CancellationToken.None);
                if (!write.IsCompleted)
                {
                    // Not where the sender came from: its thread may be one that must not be kept.
                    write.ConfigureAwait(false).GetAwaiter().UnsafeOnCompleted(onWritten);
                    return;
                }

                write.GetAwaiter().GetResult();
                OnSent();
                if (writes == WritesInRowMax)
                {
                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                    return;
                }
            }
        }
        catch (Exception exception) // whatever it is, it ends the connection
        {
            Fail(exception);
        }
    }

    private void OnWritten()
    {
        try
        {
            write.GetAwaiter().GetResult();
            OnSent();
        }
        catch (Exception exception) // whatever it is, it ends the connection
        {
            Fail(exception);
            return;
        }

        Write();
    }

    /// <summary>Takes what is to be written next; false when there is nothing, and the flush is over.</summary>
    private bool TryTake(out int length)
    {
        lock (gate)
        {
            Admit();
            if (controlsAhead > 0)
            {
                sending = MessiBuffers.Shared.Rent(controlsAhead * MessiFrame.HeaderLengthMax);
                for (length = 0; controlsAhead > 0; controlsAhead--, controlsInSending++)
                    length += WriteControl(sending.AsSpan(length));
                writing = length;
                return true;
            }

            length = filled;
            if (filled == 0)
            {
                isFlushing = false;
                Release();
                return false;
            }

            sending = filling;
            writing = filled;
            (filling, filled) = (null, 0);
            (controlsInSending, controlsInFilling) = (controlsInFilling, 0);
            (messagesInSending, messagesAppended) = (messagesAppended, 0);
            return true;
        }
    }

    // Those that wait for room come before whoever sends next.
    private void Admit()
    {
        while (waits.First is { Value: var wait })
        {
            Exception? failure = null;
            try
            {
                var payload = Measure(wait.Field, wait.Message, out var body);
                if (!HasRoom(payload))
                    return;

                Append(wait.Field, wait.Message, payload, body);
            }
            catch (MessiException exception)
            {
                failure = exception;
            }

            waits.RemoveFirst();
            wait.Complete(failure); // Continues elsewhere, not under the gate.
        }
    }

    private void OnSent()
    {
        long messages;
        int bytes;
        bool controlsDone;
        lock (gate)
        {
            controlsDone = controlsInSending > 0 && controlsInFilling == 0 && controlsAhead == 0;
            (messages, bytes) = (messagesInSending, writing);
            (messagesInSending, controlsInSending, writing) = (0, 0, 0);
            Keep(sending!);
            sending = null;
        }

        owner.OnSent(messages, bytes);
        if (controlsDone)
            owner.OnControlsSent();
    }

    private void Fail(Exception exception)
    {
        bool wasControl;
        lock (gate)
        {
            wasControl = controlsInSending > 0 && messagesInSending == 0;
            if (sending is not null)
                MessiBuffers.Shared.Return(sending);
            (sending, writing) = (null, 0);
            end ??= new MessiException(MessiDisconnectReason.ConnectionClosed, "The connection was lost.", exception);
            Drop();
            isFlushing = false;
            Release();
        }

        owner.OnWriteFailed(exception, wasControl);
    }

    private void Drop()
    {
        (filled, controlsAhead, controlsInFilling, messagesAppended) = (0, 0, 0, 0);
        isCorked = false;
    }

    // A connection that always has something to write goes on with the two buffers that it has.
    private void Keep(byte[] written)
    {
        if (spare is not null)
            MessiBuffers.Shared.Return(spare);
        spare = written;
    }

    // An idle connection holds no buffer.
    private void Release()
    {
        if (filling is not null)
            MessiBuffers.Shared.Return(filling);
        if (spare is not null)
            MessiBuffers.Shared.Return(spare);
        (filling, spare) = (null, null);
        drained?.TrySetResult();
    }

    private int WriteControl(Span<byte> destination) => MessiFrame.WriteHeader(
        destination,
        format,
        role,
        role == MessiRole.Client ? MessiFrameKind.Ping : MessiFrameKind.Pong,
        payloadLength: 0);

    /// <summary>Turns documented frames of a server into compact ones, in place.</summary>
    private int Compact(Span<byte> frames)
    {
        var written = 0;
        for (var read = 0; read < frames.Length;)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(frames[(read + sizeof(int))..]);
            var payload = frames.Slice(read + MessiFrame.HeaderLength(MessiWireFormat.Documented), length);
            read += MessiFrame.HeaderLength(MessiWireFormat.Documented) + length;
            written += MessiFrame.WriteHeader(frames[written..], MessiWireFormat.Compact, role, MessiFrameKind.User, length);
            payload.CopyTo(frames[written..]);
            written += length;
        }

        return written;
    }
}
