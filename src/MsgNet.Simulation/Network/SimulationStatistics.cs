namespace MsgNet.Simulation;

/// <summary>Datagrams of a simulation so far, by what became of them. A duplicate counts as one more copy, but not as sent.</summary>
public readonly record struct SimulationStatistics
{
    /// <summary>Handed to the network by hosts.</summary>
    public long Sent { get; init; }

    /// <summary>UDP payload of <see cref="Sent"/>, in bytes.</summary>
    public long BytesSent { get; init; }

    /// <summary>Copies handed to a receiving host.</summary>
    public long Delivered { get; init; }

    /// <summary>Lost each by itself (<see cref="LinkOptions.Loss"/>).</summary>
    public long Lost { get; init; }

    /// <summary>Lost in bursts (<see cref="LinkOptions.BurstLoss"/>).</summary>
    public long LostInBursts { get; init; }

    /// <summary>Lost because the queue of a rate was full.</summary>
    public long QueueFull { get; init; }

    /// <summary>Lost because they were too large for the link.</summary>
    public long TooLarge { get; init; }

    /// <summary>Lost in a partition.</summary>
    public long Partitioned { get; init; }

    /// <summary>Lost because nobody has that address, that port, or any more.</summary>
    public long NoReceiver { get; init; }

    /// <summary>Copies made (<see cref="LinkOptions.Duplicate"/>).</summary>
    public long Duplicated { get; init; }

    /// <summary>Held back (<see cref="LinkOptions.Reorder"/>).</summary>
    public long HeldBack { get; init; }

    /// <summary>All that did not arrive, whatever the reason.</summary>
    public long Dropped => Lost + LostInBursts + QueueFull + TooLarge + Partitioned + NoReceiver;
}
