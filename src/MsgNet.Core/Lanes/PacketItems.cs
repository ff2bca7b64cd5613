namespace MsgNet.Core;

/// <summary>The items of the packet being filled; at most <see cref="Max"/>, what finds no room waits for the next packet.</summary>
internal sealed class PacketItems
{
    /// <summary>Items of one packet at most.</summary>
    public const int Max = 32;

    private readonly PacketItem[] items = new PacketItem[Max];

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>No other can be added.</summary>
    public bool IsFull => Count == Max;

    /// <summary>What there is.</summary>
    public ReadOnlySpan<PacketItem> Span => items.AsSpan(0, Count);

    /// <summary>Adds one; there must be room.</summary>
    public void Add(in PacketItem item) => items[Count++] = item;

    /// <summary>Starts the next packet.</summary>
    public void Clear() => Count = 0;
}
