namespace MsgNet.NetworkTests;

/// <summary>What a link does to packets in one direction. Zero means: nothing of the kind.</summary>
internal sealed record LinkFaults
{
    public static readonly LinkFaults None = new();

    /// <summary>Share of packets that vanish.</summary>
    public double Loss { get; init; }

    /// <summary>Share of packets that arrive twice.</summary>
    public double Duplicate { get; init; }

    /// <summary>Share of UDP packets with one bit of the payload turned, under checksums that fit: only the seal can tell.</summary>
    public double Corrupt { get; init; }

    public TimeSpan Delay { get; init; }

    /// <summary>Added to the delay, anew for each packet, from zero to this; packets overtake each other.</summary>
    public TimeSpan Jitter { get; init; }

    public long BitsPerSecond { get; init; }

    /// <summary>Bytes that wait for a link with a rate; what does not fit is dropped. Zero: no bound.</summary>
    public int QueueBytes { get; init; }

    /// <summary>Longer IP packets vanish without a word.</summary>
    public int Mtu { get; init; }
}
