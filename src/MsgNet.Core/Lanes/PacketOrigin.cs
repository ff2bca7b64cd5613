namespace MsgNet.Core;

/// <summary>Which packet a frame came in, so that of two it can be told which was sent later. The default came in a first flight.</summary>
/// <param name="Keys">The keys it was sealed with.</param>
/// <param name="Counter">Its counter under them.</param>
/// <param name="CurrentKeys">The keys that both ends move to, or have.</param>
internal readonly record struct PacketOrigin(object? Keys, ulong Counter, object? CurrentKeys)
{
    /// <summary>
    /// True when this packet was sent before <paramref name="other"/>, as far as can be told: a lower counter of the same keys, or older
    /// keys. An end that has begun to use the current keys does not go back.
    /// </summary>
    public bool IsBefore(in PacketOrigin other)
    {
        if (Keys is null || other.Keys is null)
            return false;

        return Keys == other.Keys ? Counter < other.Counter : other.Keys == CurrentKeys;
    }
}
