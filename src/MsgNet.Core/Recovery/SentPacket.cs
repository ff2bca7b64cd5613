namespace MsgNet.Core;

/// <summary>What became of a number of a sending key.</summary>
internal enum SentState : byte
{
    /// <summary>Reported, or of no further interest.</summary>
    Settled,

    /// <summary>Eliciting, counted in flight.</summary>
    InFlight,

    /// <summary>Declared lost; remembered a while, so that a late report is recognised.</summary>
    Lost,

    /// <summary>Left flight by age without a congestion signal; remembered, for a late report teaches the round-trip time.</summary>
    Expired,

    /// <summary>Sent without an eliciting frame: never in flight, never lost.</summary>
    Silent,

    /// <summary>Left out on purpose (REC-012): nothing was sent under this number.</summary>
    Skipped,
}

/// <summary>One sent packet, with the delivery-rate snapshot taken when it left; 48 bytes.</summary>
internal struct SentPacket
{
    private const byte AppLimitedMark = 1;
    private const byte SegmentMark = 2;

    public Instant SentAt;

    /// <summary>Bytes delivered on the path when this packet left.</summary>
    public long Delivered;

    /// <summary>When <see cref="Delivered"/> last grew.</summary>
    public Instant DeliveredAt;

    /// <summary>When the packet left whose report made <see cref="Delivered"/> grow.</summary>
    public Instant FirstSentAt;

    public ushort Bytes;

    public SentState State;

    private byte marks;

    /// <summary>The chain of what it carried, in <see cref="SentItems"/>; 0 for nothing.</summary>
    public int Items;

    /// <summary>Of a settled packet: as many from this one on are known to be settled; 0 says no more than 1.</summary>
    public int SettledRun;

    /// <summary>Whether the sender had nothing else to send.</summary>
    public bool AppLimited
    {
        readonly get => (marks & AppLimitedMark) != 0;
        set => marks = (byte)(value ? marks | AppLimitedMark : marks & ~AppLimitedMark);
    }

    /// <summary>Whether a segment of a lane is among its items: it waits for a report however long that takes (REC-038).</summary>
    public bool HasSegment
    {
        readonly get => (marks & SegmentMark) != 0;
        set => marks = (byte)(value ? marks | SegmentMark : marks & ~SegmentMark);
    }
}
