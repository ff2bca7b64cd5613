namespace MsgNet.Core;

/// <summary>Which packet a frame came in, so that of two it can be told which was sent later. The default came in a first flight.</summary>
/// <param name="Keys">The keys it was sealed with.</param>
/// <param name="Counter">Its counter under them.</param>
internal readonly record struct PacketOrigin(object? Keys, ulong Counter)
{
    /// <summary>
    /// True when this packet was sent before <paramref name="other"/>, as far as can be told: nothing orders packets of different keys, as
    /// each end changes to new ones at its own time.
    /// </summary>
    public bool IsBefore(in PacketOrigin other) => Keys is not null && Keys == other.Keys && Counter < other.Counter;
}
