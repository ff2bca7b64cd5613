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

/// <summary>One sent packet, with the delivery-rate snapshot taken when it left; 40 bytes.</summary>
internal struct SentPacket
{
    public Instant SentAt;

    /// <summary>Bytes delivered on the path when this packet left.</summary>
    public long Delivered;

    /// <summary>When <see cref="Delivered"/> last grew.</summary>
    public Instant DeliveredAt;

    /// <summary>When the packet left whose report made <see cref="Delivered"/> grow.</summary>
    public Instant FirstSentAt;

    public ushort Bytes;

    public SentState State;

    public bool AppLimited;
}
