using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// What arrived for inline handlers at once: bytes back to back, in runs of one source and one handler. One thread at a time has it: who
/// holds the gate while it is filled, who makes the calls later. Allocates nothing once it has held as much as it ever will.
/// </summary>
internal sealed class InlineBatch(MessageArenas arenas)
{
    private const int LengthMin = 64;
    private InlineRun[] runs = new InlineRun[LengthMin];
    private int[] ends = new int[LengthMin];
    private ulong[] tokens = new ulong[LengthMin];
    private MessageArena? arena;
    private int runCount;
    private int count;
    private int used;

    /// <summary>Half of what it may hold is there.</summary>
    public bool IsHalfFull => count >= Limits.InlineBatchMessagesMax / 2 || used >= Limits.InlineBatchBytesMax / 2;

    /// <summary>The runs, in order of arrival.</summary>
    public Span<InlineRun> Runs => runs.AsSpan(0, runCount);

    /// <summary>Copies a message; false when there is no room for it.</summary>
    public bool TryAdd(HandlerQueue queue, in IncomingMessage message)
    {
        if (!TryAppend(message.Data, message.Token))
            return false;

        if (runCount == 0 || !runs[runCount - 1].Takes(queue, message))
            AddRun(queue, message, count - 1);
        runs[runCount - 1].Count++;
        return true;
    }

    /// <summary>Copies messages that follow the one added last, in the same run and with its token; returns how many.</summary>
    public int AddFollowing<TRun>(ref TRun following)
        where TRun : struct, IMessageRun, allows ref struct
    {
        var before = count;
        var token = tokens[before - 1];
        while (following.TryPeek(out var data) && TryAppend(data, token))
            following.Take();

        runs[runCount - 1].Count += count - before;
        return count - before;
    }

    /// <summary>The bytes of a message.</summary>
    public ReadOnlyMemory<byte> DataAt(int index)
    {
        var start = StartOf(index);
        return new ReadOnlyMemory<byte>(arena!.Bytes, start, ends[index] - start);
    }

    /// <summary>A message as it came.</summary>
    public IncomingMessage MessageAt(in InlineRun run, int index) => new()
    {
        From = run.From,
        Protocol = run.Queue.Protocol,
        Data = DataAt(index).Span,
        Delivery = run.Delivery,
        Early = run.Early,
        ReplyTo = run.ReplyTo,
        RequestId = run.RequestId,
        Inbox = run.Inbox,
        Token = tokens[index],
    };

    /// <summary>What the carrier calls the messages of a run that were handled.</summary>
    public ReadOnlySpan<ulong> TokensOfHandled(in InlineRun run) => tokens.AsSpan(run.First, run.Handled);

    /// <summary>The arena and place of a message whose call goes on; the caller releases the arena.</summary>
    public (MessageArena Arena, int Offset) Lend(int index)
    {
        arena!.AddUser();
        return (arena, StartOf(index));
    }

    /// <summary>The call with that message has ended.</summary>
    public void EndUse(int index) => arena!.EndUse(StartOf(index), ends[index] - StartOf(index));

    /// <summary>Empties it; who still reads from its bytes keeps them.</summary>
    public void Clear()
    {
        Runs.Clear();
        runCount = count = used = 0;
        if (arena is not { } mine || !(mine.IsShared || mine.Bytes.Length > Limits.InlineBatchBytesMax))
            return;

        mine.Release();
        arena = null;
    }

    private int StartOf(int index) => index == 0 ? 0 : ends[index - 1];

    private bool TryAppend(ReadOnlySpan<byte> data, ulong token)
    {
        if ((arena is null || count == ends.Length || data.Length > arena.Bytes.Length - used) && !TryGrow(data.Length))
            return false;

        data.CopyTo(arena!.Bytes.AsSpan(used));
        used += data.Length;
        ends[count] = used;
        tokens[count] = token;
        count++;
        return true;
    }

    private void AddRun(HandlerQueue queue, in IncomingMessage message, int first)
    {
        if (runCount == runs.Length)
            Array.Resize(ref runs, 2 * runs.Length);

        runs[runCount++] = new InlineRun
        {
            Queue = queue,
            From = message.From,
            Delivery = message.Delivery,
            Early = message.Early,
            ReplyTo = message.ReplyTo,
            RequestId = message.RequestId,
            Inbox = message.Inbox,
            First = first,
        };
    }

    // API-211. A message above the bound of bytes enters an empty batch, or none would ever take it.
    private bool TryGrow(int length)
    {
        var needed = used + length;
        if (count == Limits.InlineBatchMessagesMax || (needed > Limits.InlineBatchBytesMax && count > 0))
            return false;

        if (count == ends.Length)
        {
            Array.Resize(ref ends, 2 * ends.Length);
            Array.Resize(ref tokens, 2 * tokens.Length);
        }

        arena ??= arenas.Rent();
        if (needed > arena.Bytes.Length)
            arena.Grow(used, Math.Max(needed, Math.Min(2 * arena.Bytes.Length, Limits.InlineBatchBytesMax)));
        return true;
    }
}
