namespace MsgNet.Cli;

/// <summary>All pings; the times are null when none was answered. CLI-052.</summary>
internal sealed record PingSummaryLine(
    string Event, int Sent, int Received, long? MinMicroseconds, long? MedianMicroseconds, long? P99Microseconds);
