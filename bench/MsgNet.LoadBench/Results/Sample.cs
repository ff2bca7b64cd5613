namespace MsgNet.LoadBench.Results;

/// <summary>What one measurement gave.</summary>
internal sealed record Sample
{
    public required MeasureKind Kind { get; init; }

    /// <summary>Who was measured.</summary>
    public required string Contestant { get; init; }

    /// <summary>Bytes of a message; 0 where there is none.</summary>
    public int Size { get; init; }

    /// <summary>What else sets it apart from others of its kind: the link, or how many peers.</summary>
    public string Setting { get; init; } = "";

    /// <summary>The round, from 0.</summary>
    public int Round { get; init; }

    /// <summary>Why there are no figures; null when there are.</summary>
    public string? Error { get; init; }

    public IReadOnlyDictionary<Figure, double> Figures { get; init; } = new Dictionary<Figure, double>();
}
