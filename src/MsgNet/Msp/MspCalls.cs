using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Calls the handler of one socket, one call at a time, on the scheduler. Everything but <see cref="Execute"/> under the gate.
/// </summary>
/// <remarks>
/// A pass offers messages until one is not consumed whole, and then tells of states. What was left is offered on the next pass: at once if
/// some of it was consumed, else when anything has happened to the socket, at the latest after a second.
/// </remarks>
internal sealed class MspCalls(MspSockets owner, MspSocket socket) : IThreadPoolWorkItem
{
    private const int CallsPerPassMax = 64;
    private static readonly TimeSpan CallInterval = TimeSpan.FromSeconds(1);
    private byte[]? message;
    private int offset;
    private int length;
    private MspStates told;
    private Instant due = Instant.Never;
    private bool isPosted;
    private bool isWoken;
    private bool isCalling;
    private bool isGivenUp;
    private bool wantsRoom;
    private bool hasLeft;

    /// <summary>A pass is due.</summary>
    public void Wake()
    {
        if (due.IsNever)
        {
            due = owner.Now + CallInterval;
            owner.Schedule(socket, due);
        }

        isWoken = true;
        if (isPosted)
            return;

        isPosted = true;
        owner.Scheduler.Post(this);
    }

    /// <summary>A pass is due if the handler left something.</summary>
    public void OfferAgain()
    {
        if (hasLeft)
            Wake();
    }

    /// <summary>A send found no room: the handler is to be told when there is some, whatever it was told last.</summary>
    public void WantRoom() => wantsRoom = true;

    /// <summary>Drops what was offered: there is no handler any more.</summary>
    public void GiveUp()
    {
        isGivenUp = isCalling;
        if (!isCalling)
            Drop();
    }

    /// <summary>Has the handler called when its last call is a second ago; returns when to look again.</summary>
    public Instant OnTick(Instant now)
    {
        if (socket.Handler is null)
        {
            due = Instant.Never;
            return due;
        }

        if (due > now)
            return due;

        Wake(); // MSP-121
        return now + CallInterval;
    }

    /// <inheritdoc/>
    public void Execute()
    {
        using (owner.Gate.Enter())
        {
            isWoken = false;
            hasLeft = false;
        }

        var calls = 0;
        while (calls < CallsPerPassMax && TryCall())
            calls++;

        using (owner.Gate.Enter())
        {
            isPosted = false;
            if (isWoken || calls == CallsPerPassMax)
                Wake();
            owner.Touch();
        }

        owner.Leave();
    }

    private bool TryCall()
    {
        MspHandler? handler;
        MspStates states;
        ReadOnlyMemory<byte> offered;
        using (owner.Gate.Enter())
        {
            if (!TryBegin(out handler, out states, out offered))
                return false;
        }

        var consumed = 0;
        Exception? failure = null;
        try
        {
            consumed = handler(socket, states, offered.Span);
            if ((uint)consumed > (uint)offered.Length)
                throw new InvalidOperationException($"A handler that was offered {offered.Length} bytes returned {consumed} as consumed.");
        }
#pragma warning disable CA1031 // The failure is not swallowed: it is logged, and the socket ends with it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            failure = exception;
            consumed = 0;
            owner.LogHandlerFailed(socket, exception);
        }

        using (owner.Gate.Enter())
            End(states, offered.Length, consumed, failure);

        return true;
    }

    private bool TryBegin([NotNullWhen(true)] out MspHandler? handler, out MspStates states, out ReadOnlyMemory<byte> offered)
    {
        offered = default;
        handler = socket.Handler;
        states = socket.StatesNow;
        if (handler is null || socket.IsFreed)
            return false;

        var isOver = (states & MspStates.Closed) != 0;
        if (isOver)
            Drop(); // MSP-120: the last call has no message
        else if (!hasLeft && TryTake())
            offered = message.AsMemory(offset, length - offset);

        var hasRoom = wantsRoom && (states & MspStates.DataOut) != 0; // MSP-131
        if (offered.IsEmpty && !isOver && !hasRoom && states == told && owner.Now < due)
            return false;

        wantsRoom &= !hasRoom;
        isCalling = true; // MSP-125
        return true;
    }

    private void End(MspStates states, int offeredLength, int consumed, Exception? failure)
    {
        isCalling = false;
        told = states;
        due = owner.Now + CallInterval;
        if (isGivenUp)
        {
            isGivenUp = false;
            Drop();
            return;
        }

        if (failure is not null)
            socket.OnHandlerFailed(failure);
        else if (offeredLength > 0 && !socket.Has(MspStates.Closed))
            Consume(offeredLength, consumed);
        if ((states & MspStates.Closed) != 0)
            socket.Free();
    }

    private void Consume(int offeredLength, int consumed)
    {
        offset += consumed;
        if (consumed < offeredLength)
        {
            hasLeft = true; // MSP-124
            isWoken |= consumed > 0;
            return;
        }

        socket.Link?.Consume(owner.Now, length);
        Drop();
    }

    /// <summary>
    /// Copies the next message, since the handler runs outside the gate; false when there is none. What is left of one is still there.
    /// </summary>
    private bool TryTake()
    {
        if (message is not null)
            return true;

        var link = socket.Link;
        while (link is not null && link.TryPeek(out var next))
        {
            if (next.IsEmpty)
            {
                link.Consume(owner.Now, 0);
                continue;
            }

            message = ArrayPool<byte>.Shared.Rent(next.Length);
            next.CopyTo(message);
            offset = 0;
            length = next.Length;
            return true;
        }

        return false;
    }

    private void Drop()
    {
        if (message is not null)
            ArrayPool<byte>.Shared.Return(message);
        message = null;
    }
}
