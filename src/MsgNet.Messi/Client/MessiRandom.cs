using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>Spreads reconnections; nothing secret depends on it.</summary>
internal sealed class MessiRandom : IRandom
{
    public static MessiRandom Shared { get; } = new();

    public void Fill(Span<byte> destination) => Random.Shared.NextBytes(destination);
}
