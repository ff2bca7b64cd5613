namespace MsgNet.Core;

/// <summary>
/// The frames that an attempt sends as EARLY, in the order of their counters. Kept until the attempt ends: every later image seals all of
/// them again, each under the same number (SEC-042).
/// </summary>
internal sealed class EarlyFlight
{
    private readonly List<byte[]> packets = [];
    private int bytes;

    /// <summary>Packets so far.</summary>
    public int Count => packets.Count;

    /// <summary>Bytes of frames that one packet more may carry; not above 0 when the attempt has sent what it may.</summary>
    public int Room => packets.Count == Limits.EarlyPacketsMax
        ? 0
        : Math.Min(Limits.DatagramSizeMin, Limits.EarlyBytesMax - bytes) - Limits.SealOverhead;

    /// <summary>The frames of one packet.</summary>
    public ReadOnlySpan<byte> this[int number] => packets[number];

    /// <summary>Adds a packet.</summary>
    public void Add(ReadOnlySpan<byte> frames)
    {
        packets.Add(frames.ToArray());
        bytes += frames.Length + Limits.SealOverhead;
    }
}
