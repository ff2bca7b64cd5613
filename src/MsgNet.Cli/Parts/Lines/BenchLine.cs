namespace MsgNet.Cli;

/// <summary>What a benchmark measured; latency is null when it was not asked for. CLI-065.</summary>
internal sealed record BenchLine(
    string Event,
    string Transport,
    string Delivery,
    int Size,
    double MessagesPerSecond,
    double MegabytesPerSecond,
    double CpuNanosecondsPerMessage,
    double AllocatedBytesPerMessage,
    double? MedianMicroseconds,
    double? P99Microseconds);
