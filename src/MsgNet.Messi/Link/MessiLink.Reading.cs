using MsgNet.Core;

namespace MsgNet.Messi;

/// <content>The loop, and the handlers it calls.</content>
internal sealed partial class MessiLink
{
    private readonly MessiRoom room;
    private readonly TaskCompletionSource readEnd = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MessiReadBuffer input;
    private MessiFrameReader reader;
    private bool hasReader;
    private volatile bool isWaitingForBytes;
    private int bytesInTurn;
    private long bytesReceived;

    /// <summary>Bytes that the loop has read.</summary>
    public long BytesReceived => Interlocked.Read(ref bytesReceived);

    /// <summary>Length of the buffer that the loop reads into.</summary>
    public int BufferLength => input.Length;

    private async Task Read()
    {
        try
        {
            while (true)
            {
                var reading = carrier.Stream.ReadAsync(input.Free);
                if (!reading.IsCompleted)
                    OnWaitingForBytes();
                var count = await reading;
                isWaitingForBytes = false;
                bytesReceived += count;
                if (count == 0)
                    break;
                if (isEnding)
                {
                    // The end is agreed on; only the peer's is waited for.
                    continue;
                }

                input.Add(count);
                var consumed = OnBytes(input.From(0));
                while (!isEnding && !room.IsOpen)
                {
                    owner.OnReading(isReading: false);
                    await room.Wait();
                    owner.OnReading(isReading: true);
                    consumed += OnFrames(input.From(consumed));
                }

                input.Take(consumed);
                // A peer that sends as fast as this reads would keep a thread of the pool from all others, whose pings wait unread.
                if ((bytesInTurn += count) > Limits.MessiReadBufferMax)
                {
                    bytesInTurn = 0;
                    await Task.Yield();
                }
            }

            // MESSI-046
            End(MessiDisconnectReason.ConnectionClosed, null, MessiEnding.Remote);
        }
        catch (Exception exception) // whatever it is, it ends the connection, which says so
        {
            End(MessiDisconnectReason.ConnectionClosed, exception, MessiEnding.Remote);
        }
        finally
        {
            isWaitingForBytes = false;
            input.Dispose();
            readEnd.TrySetResult();
            lock (gate)
                isReadDone = true;
            FinishIfDone();
        }
    }

    // MESSI-036: only now is it sure that no ping stands unread.
    private void OnWaitingForBytes()
    {
        bytesInTurn = 0;
        isWaitingForBytes = true;
        Interlocked.MemoryBarrier(); // Either this sees the pause of a timer, or the timer sees that the loop waits.
        if (owner.IsPaused)
            owner.OnReading(isReading: true);
    }

    private int OnBytes(ReadOnlySpan<byte> bytes)
    {
        var format = owner.OnReceived(bytes[0]);
        if (!hasReader)
        {
            // MESSI-018
            reader = new MessiFrameReader(format, role, settings.MessageSizeMax);
            hasReader = true;
        }

        return OnFrames(bytes);
    }

    /// <summary>Takes whole frames as long as they have room; returns how many bytes they were.</summary>
    private int OnFrames(ReadOnlySpan<byte> bytes)
    {
        var rest = bytes;
        var messages = 0;
        var batch = MessiBatch.Begin();
        try
        {
            while (!isEnding && room.IsOpen)
            {
                var status = reader.Read(ref rest, out var kind, out var payload);
                if (status == MessiReadStatus.NeedMore)
                    break;
                if (status != MessiReadStatus.Frame)
                {
                    // MESSI-011, MESSI-014
                    var reason = status == MessiReadStatus.TooBig
                        ? MessiDisconnectReason.MessageTooBig : MessiDisconnectReason.UnexpectedMessage;
                    End(reason, Describe(reason), MessiEnding.Remote);
                    break;
                }

                if (kind == MessiFrameKind.User)
                {
                    messages++;
                    Deliver(payload);
                    batch.Breathe();
                }
                else if (kind != MessiFrameKind.Unknown)
                {
                    owner.OnControl();
                }
            }
        }
        finally
        {
            batch.End();
        }

        var consumed = bytes.Length - rest.Length;
        settings.Meter.OnReceived(role, messages, consumed);
        return consumed;
    }

    private void Deliver(ReadOnlySpan<byte> payload)
    {
        if (isHandling)
        {
            // MESSI-086: the handler may wait for this very response.
            if (owner.TryComplete(payload))
                return;

            lock (gate)
            {
                if (isHandling)
                {
                    backlog.Add(payload);
                    // API-196: half of the bound, for the other half may be in the hands of the handlers.
                    if (backlog.Length > settings.ReceiveQueueMax / 2)
                        room.Close();
                    return;
                }
            }
        }

        var handling = Handle(payload, isLate: false);
        if (!handling.IsCompletedSuccessfully)
            _ = DrainAfter(handling);
    }

    /// <summary>Calls the handler; what it returns has ended successfully, or will without an exception.</summary>
    private ValueTask Handle(ReadOnlySpan<byte> payload, bool isLate)
    {
        isInHandler = true;
        try
        {
            if (!owner.TryHandle(payload, isLate, out var handling, out var fault, token))
            {
                // MESSI-073
                End(MessiDisconnectReason.MessageDecodeError, fault, MessiEnding.Error);
            }
            else
            {
                var watched = handling.IsCompletedSuccessfully ? handling : Watch(handling);
                if (!watched.IsCompletedSuccessfully)
                {
                    isHandling = true;
                    return watched;
                }

                watched.GetAwaiter().GetResult();
            }
        }
        catch (Exception exception) // the application's own, whatever it is
        {
            OnHandlerFailed(exception);
        }

        isInHandler = false;
        return default;
    }

    /// <summary>Goes on with what has waited for a handler, until nothing does; then the loop calls handlers again.</summary>
    private async Task DrainAfter(ValueTask handling)
    {
        await handling;
        isInHandler = false;
        while (TryTakeBacklog(out var work))
        {
            while (!work.IsEmpty)
            {
                await HandleSome(ref work);
                isInHandler = false;
            }

            work.Clear();
        }

        room.Open();
        FinishIfDone();
    }

    private bool TryTakeBacklog(out MessiBacklog work)
    {
        lock (gate)
        {
            if (isEnding && dropsBacklog)
                backlog.Clear();
            work = backlog;
            backlog = default;
            isHandling = !work.IsEmpty;
        }

        room.Open();
        return !work.IsEmpty;
    }

    /// <summary>Calls handlers until one does not complete at once, and returns that one's task.</summary>
    private ValueTask HandleSome(ref MessiBacklog work)
    {
        var batch = MessiBatch.Begin();
        try
        {
            while (!work.IsEmpty)
            {
                var payload = work.Take();
                if (isEnding && dropsBacklog)
                    continue;

                var handling = Handle(payload, isLate: true);
                if (!handling.IsCompletedSuccessfully)
                    return handling;

                batch.Breathe();
            }

            return default;
        }
        finally
        {
            batch.End();
        }
    }

    private InvalidDataException Describe(MessiDisconnectReason reason) => new(
        reason == MessiDisconnectReason.MessageTooBig
            ? $"The peer announced a message of {reader.LastPayloadLength} bytes, and at most {settings.MessageSizeMax} are taken: "
                + "raise MessageSizeMax, or send less."
            : $"The peer sent a frame of type {reader.LastType}, which no client sends.");
}
