namespace MsgNet.Cli;

/// <summary>What became of a simulation. CLI-062.</summary>
internal sealed record SimLine(
    string Event,
    ulong Seed,
    string TraceHash,
    long Sent,
    long Delivered,
    long Lost,
    long Duplicated,
    long Reordered,
    double VirtualSeconds,
    double WallSeconds,
    double GoodputBytesPerSecond);
