using System.Diagnostics.CodeAnalysis;

namespace MsgNet;

/// <summary>
/// What a caller waits to have sent: one message or several, how many of them were accepted, and how many the peer is not done with.
/// </summary>
internal struct PendingSend
{
    private readonly ReadOnlyMemory<byte> single;
    private readonly ReadOnlyMemory<ReadOnlyMemory<byte>> several;
    private readonly int count;
    private int taken;
    private int undelivered;
    private ulong firstNumber;

    /// <summary>One message.</summary>
    public PendingSend(ReadOnlyMemory<byte> message, bool isTracked)
    {
        single = message;
        count = undelivered = 1;
        IsTracked = isTracked;
    }

    /// <summary>Several, of which none was accepted yet.</summary>
    public PendingSend(ReadOnlyMemory<ReadOnlyMemory<byte>> messages, bool isTracked)
    {
        several = messages;
        count = undelivered = messages.Length;
        IsTracked = isTracked;
    }

    /// <summary>It is done when the peer's handlers are.</summary>
    public bool IsTracked { get; }

    /// <summary>Something of it was accepted.</summary>
    public readonly bool IsBegun => taken > 0;

    /// <summary>Nothing is left to be accepted.</summary>
    public readonly bool IsTaken => taken == count;

    /// <summary>The number by which its session names the last message that was accepted.</summary>
    public ulong LastNumber { get; private set; }

    /// <summary>What was not accepted yet.</summary>
    [UnscopedRef]
    public readonly ReadOnlySpan<ReadOnlyMemory<byte>> Rest =>
        (several.IsEmpty ? new ReadOnlySpan<ReadOnlyMemory<byte>>(in single) : several.Span)[taken..];

    /// <summary>More of its messages were accepted, the last under that number.</summary>
    public void OnTaken(int messages, ulong lastNumber)
    {
        if (taken == 0)
            firstNumber = lastNumber - (ulong)messages + 1;
        taken += messages;
        LastNumber = lastNumber;
    }

    /// <summary>True for the number of one of its messages that were accepted.</summary>
    public readonly bool Holds(ulong number) => IsTracked && taken > 0 && number >= firstNumber && number <= LastNumber;

    /// <summary>The peer is done with one of them; true when it is with all.</summary>
    public bool OnDelivered() => --undelivered == 0;

    /// <summary>What its caller is told when the wait ended with that error: what was accepted is not taken back.</summary>
    public readonly Exception? OutcomeOf(Exception? error) // API-222
    {
        if (error is null || taken == 0)
            return error;
        if (taken < count)
            return new PartlySentException(taken, count, error);

        return IsTracked ? error : null;
    }
}
