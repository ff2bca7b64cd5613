namespace MsgNet.Core;

/// <summary>
/// Which EARLY packets of one attempt were delivered: one window for all its images, since a packet has the same number under each of them
/// (SEC-066). It stays with the association, so that an image that comes later delivers nothing again.
/// </summary>
/// <param name="timestamp">The attempt.</param>
internal sealed class EarlyWindow(ulong timestamp)
{
    /// <summary>Numbers it can tell apart: twice what a correct sender uses.</summary>
    public const int Width = 64;

    private ulong seen;

    /// <summary>The attempt.</summary>
    public ulong Timestamp { get; } = timestamp;

    /// <summary>When EARLY of this attempt is over: a while after one of its sessions was confirmed.</summary>
    public Instant ClosesAt { get; private set; } = Instant.Never;

    /// <summary>True for a number that was not delivered.</summary>
    public bool CanAccept(ulong number) => number < Width && (seen & (1UL << (int)number)) == 0;

    /// <summary>Notes a number as delivered; only for what proved authentic.</summary>
    public void Accept(ulong number) => seen |= 1UL << (int)number;

    /// <summary>A session of the attempt was confirmed: the initiator has keys and sends no EARLY any more.</summary>
    public void OnConfirmed(Instant now) => ClosesAt = Instant.Min(ClosesAt, now + NodeTimings.EarlyAfterConfirmed);
}
