namespace MsgNet.Cli;

// The lines of --json: property by property what specs/cli.md says, in its order.

internal sealed record IdentityLine(string PeerId, string Sid, string PublicKey);

internal sealed record ListeningLine(string Event, string Address);

internal sealed record MessageLine(
    string Event, string From, string Protocol, string Delivery, int Bytes, string? Text, string? Base64, bool Early);

internal sealed record SentLine(string Event, int Count, long Bytes, string Delivery, string Address);

internal sealed record ReplyLine(string Event, int Bytes, string? Text, string? Base64, long RttMicroseconds);

internal sealed record FailedLine(string Event, string Error, IReadOnlyList<AttemptLine> Attempts);

internal sealed record AttemptLine(string Address, string Error);

internal sealed record PongLine(string Event, int Sequence, long RttMicroseconds);

internal sealed record PingSummaryLine(
    string Event, int Sent, int Received, long? MinMicroseconds, long? MedianMicroseconds, long? P99Microseconds);

internal sealed record ChatLine(string Event, string From, string? Text, string? Base64);

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

/// <summary>What the receiving process of a benchmark has counted; between two processes of this tool only.</summary>
internal sealed record ReceiverLine(long Messages, long Bytes, double Seconds, long CpuNanoseconds, long AllocatedBytes);
