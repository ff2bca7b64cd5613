using System.Globalization;

namespace MsgNet.LoadBench.Relay;

/// <summary>What a relay does to datagrams, the same in both directions.</summary>
/// <param name="Delay">How long each is under way.</param>
/// <param name="Loss">The part of them that is lost at random.</param>
/// <param name="BitsPerSecond">What the bottleneck carries, counted in bytes of UDP payload; 0: there is none.</param>
internal sealed record LinkSettings(TimeSpan Delay, double Loss, double BitsPerSecond)
{
    /// <summary>Bytes that wait for the bottleneck at most: what it carries in a round trip.</summary>
    public double QueueBytesMax => BitsPerSecond / 8 * 2 * Delay.TotalSeconds;

    /// <summary>How samples and tables call it.</summary>
    public string Name => string.Create(
        CultureInfo.InvariantCulture,
        $"{(BitsPerSecond > 0 ? $"{BitsPerSecond / 1e6:0.#} Mbit/s, " : "")}{Delay.TotalMilliseconds:0.#} ms, {Loss * 100:0.#} %");
}
