namespace MsgNet.Simulation;

/// <summary>Counts of a network while it runs.</summary>
internal sealed class FateCounters
{
    private readonly long[] byFate = new long[Enum.GetValues<DatagramFate>().Length];

    public long Sent { get; set; }

    public long BytesSent { get; set; }

    public long Delivered { get; set; }

    public long Duplicated { get; set; }

    public long HeldBack { get; set; }

    public void Add(DatagramFate fate) => byFate[(int)fate]++;

    public SimulationStatistics ToStatistics() => new()
    {
        Sent = Sent,
        BytesSent = BytesSent,
        Delivered = Delivered,
        Duplicated = Duplicated,
        HeldBack = HeldBack,
        Lost = byFate[(int)DatagramFate.Lost],
        LostInBursts = byFate[(int)DatagramFate.LostInBurst],
        QueueFull = byFate[(int)DatagramFate.QueueFull],
        TooLarge = byFate[(int)DatagramFate.TooLarge],
        Partitioned = byFate[(int)DatagramFate.Partitioned],
        NoReceiver = byFate[(int)DatagramFate.NoReceiver],
    };
}
