namespace MsgNet.Core;

/// <summary>What one lane has to tell beside its data: its acknowledgement and its window.</summary>
internal sealed class LaneControl
{
    /// <summary>The acknowledgement that was written last, as one more than the number consumed.</summary>
    public ulong AckWritten { get; set; }

    /// <summary>The newest acknowledgement that is known to have arrived in a packet without data.</summary>
    public ulong AckArrived { get; set; }

    /// <summary>An acknowledgement waits.</summary>
    public bool WantsAck { get; set; }

    /// <summary>A window waits.</summary>
    public bool WantsWindow { get; set; }

    /// <summary>When what waits is due.</summary>
    public Instant DueAt { get; set; } = Instant.Never;

    /// <summary>It is due.</summary>
    public bool IsDue { get; set; }

    /// <summary>It stands in the table's queue.</summary>
    public bool IsQueued { get; set; }

    /// <summary>Acknowledgements and windows under way.</summary>
    public int UnderWay { get; set; }

    /// <summary>Anything waits.</summary>
    public bool IsWanted => WantsAck || WantsWindow;
}
