namespace MsgNet.LoadBench.Relay;

/// <summary>What a relay did since it was last asked.</summary>
/// <param name="Forward">From the caller to the listener.</param>
/// <param name="Back">From the listener to the caller.</param>
/// <param name="Overrun">Datagrams that the relay itself lost: it was too slow, or they were too large for a link.</param>
/// <param name="CpuSeconds">Time on the processor, in the kernel too.</param>
internal sealed record RelayCounts(LinkCounts Forward, LinkCounts Back, long Overrun, double CpuSeconds);
