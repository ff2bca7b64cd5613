namespace MsgNet.Core;

/// <summary>Bounds of a peer's lanes that the user may choose.</summary>
internal sealed record LaneSettings
{
    /// <summary>Largest message, 64 KiB to 16 MiB.</summary>
    public int MessageSizeMax { get; init; } = Limits.ReliableMessageDefault;

    /// <summary>Bytes the lanes of one peer may keep of what they received; at least four times the largest message.</summary>
    public long ReceiveBudget { get; init; } = Limits.ReceiveBudgetDefault;

    /// <summary>What the windows of all peers may grow by beyond their budgets; null for nothing.</summary>
    public LaneWindowPool? SharedWindows { get; init; }
}
