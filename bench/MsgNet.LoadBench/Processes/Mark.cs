using System.Diagnostics;

namespace MsgNet.LoadBench.Processes;

/// <summary>What a process has done and used until now.</summary>
/// <param name="Messages">Messages received, or handed over.</param>
/// <param name="Seconds">When, on a clock of its own.</param>
/// <param name="CpuSeconds">Time on the processor, of all threads, in the kernel too.</param>
/// <param name="AllocatedBytes">Managed memory allocated, but by the thread that takes the mark: it does nothing but take orders.</param>
internal sealed record Mark(long Messages, double Seconds, double CpuSeconds, long AllocatedBytes)
{
    public static Mark Take(long messages) => new(
        messages,
        Stopwatch.GetElapsedTime(0).TotalSeconds,
        Environment.CpuUsage.TotalTime.TotalSeconds,
        GC.GetTotalAllocatedBytes(precise: true) - GC.GetAllocatedBytesForCurrentThread());

    public Mark Since(Mark earlier) => new(
        Messages - earlier.Messages,
        Seconds - earlier.Seconds,
        CpuSeconds - earlier.CpuSeconds,
        AllocatedBytes - earlier.AllocatedBytes);
}
