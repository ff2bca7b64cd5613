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

    /// <summary>Packets without data that say <see cref="AckWritten"/> and are under way.</summary>
    public int AckCopies { get; set; }

    /// <summary>The window that was written last.</summary>
    public int WindowWritten { get; set; }

    /// <summary>Packets that say <see cref="WindowWritten"/> and are under way.</summary>
    public int WindowCopies { get; set; }

    /// <summary>How often the last copy of either was lost since the lane heard anything.</summary>
    public int Losses { get; set; }

    /// <summary>Anything waits.</summary>
    public bool IsWanted => WantsAck || WantsWindow;

    /// <summary>A packet says this acknowledgement, in a packet without data or not.</summary>
    public void OnAckWritten(ulong consumed, bool isBare)
    {
        if (consumed != AckWritten)
            AckCopies = 0;
        AckWritten = consumed;
        WantsAck = false;
        if (!isBare)
            return;

        AckCopies++;
        UnderWay++;
    }

    /// <summary>A packet says this window.</summary>
    public void OnWindowWritten(int window)
    {
        if (window != WindowWritten)
            WindowCopies = 0;
        WindowWritten = window;
        WantsWindow = false;
        WindowCopies++;
        UnderWay++;
    }

    /// <summary>What became of an acknowledgement without data; true when nothing says it to the peer any more.</summary>
    public bool IsAckLost(ulong number, bool arrived)
    {
        UnderWay--;
        if (arrived)
            Losses = 0;
        return number == AckWritten && --AckCopies == 0 && !arrived;
    }

    /// <summary>What became of a window; true when nothing says it to the peer any more.</summary>
    public bool IsWindowLost(ulong number, bool arrived)
    {
        UnderWay--;
        if (arrived)
            Losses = 0;
        return number == (ulong)WindowWritten && --WindowCopies == 0 && !arrived;
    }
}
