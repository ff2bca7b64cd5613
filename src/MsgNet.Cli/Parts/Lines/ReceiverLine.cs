namespace MsgNet.Cli;

/// <summary>What the receiving process of a benchmark has counted; between two processes of this tool only.</summary>
internal sealed record ReceiverLine(long Messages, long Bytes, double Seconds, long CpuNanoseconds, long AllocatedBytes);
