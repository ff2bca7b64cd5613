namespace MsgNet.Core;

/// <summary>What the lanes of one peer share: the slots for large messages, the budget of windows, and REPLYs that were read.</summary>
internal sealed class LaneMemory
{
    private readonly int windowsOwn;
    private readonly LaneWindowPool? shared;
    private int slots;
    private int windows;
    private int sharedHeld;

    /// <param name="settings">Bounds the user may choose.</param>
    /// <param name="pool">Where joined bytes live.</param>
    public LaneMemory(LaneSettings settings, BufferPool pool)
    {
        Pool = pool;
        MessageSizeMax = settings.MessageSizeMax;
        // LANE-034
        slots = (int)Math.Max(1, settings.ReceiveBudget / 2 / settings.MessageSizeMax);
        windowsOwn = (int)(settings.ReceiveBudget / 2 / Limits.DatagramSizeMin);
        shared = settings.SharedWindows;
    }

    /// <summary>Where joined bytes live.</summary>
    public BufferPool Pool { get; }

    /// <summary>Largest message.</summary>
    public int MessageSizeMax { get; }

    /// <summary>REPLYs that wait for the node.</summary>
    public Queue<FoundReply> Replies { get; } = new();

    /// <summary>A slot has become free since this was set to false.</summary>
    public bool SlotFreed { get; set; }

    /// <summary>Takes a slot for one large message; false when none is free.</summary>
    public bool TryTakeSlot()
    {
        if (slots == 0)
            return false;

        slots--;
        return true;
    }

    /// <summary>Gives one back.</summary>
    public void ReleaseSlot()
    {
        slots++;
        SlotFreed = true;
    }

    /// <summary>
    /// The window that a lane may have instead of <paramref name="window"/>; the same when the budget and the peer's share of what peers
    /// have together are used up (LANE-033).
    /// </summary>
    public int Grow(int window)
    {
        var wanted = Math.Min(2 * window, Limits.LaneWindowMax) - window;
        var own = Math.Min(wanted, Math.Max(0, windowsOwn - windows));
        var lent = shared?.Take(wanted - own, sharedHeld) ?? 0;
        sharedHeld += lent;
        windows += own + lent;
        return window + own + lent;
    }

    /// <summary>A lane begins with that window.</summary>
    public void Open(int window) => windows += window;

    /// <summary>A lane with that window is gone.</summary>
    public void Close(int window)
    {
        windows -= window;
        var over = Math.Min(sharedHeld, Math.Max(0, windows - windowsOwn));
        shared?.Return(sharedHeld - over);
        sharedHeld = over;
    }

    /// <summary>A REPLY whose bytes were copied, so that its segment can be read on.</summary>
    public readonly record struct FoundReply(Lane Lane, ulong Receipt, ulong Id, ReplyStatus Status, byte[] Data);
}
