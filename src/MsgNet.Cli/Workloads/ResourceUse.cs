using System.Diagnostics;

namespace MsgNet.Cli.Workloads;

/// <summary>What this process has used so far: CPU time of all its threads, and bytes it allocated.</summary>
internal readonly record struct ResourceUse(long CpuNanoseconds, long AllocatedBytes)
{
    public static ResourceUse Now
    {
        get
        {
            using var process = Process.GetCurrentProcess();
            return new ResourceUse((long)process.TotalProcessorTime.TotalNanoseconds, GC.GetTotalAllocatedBytes());
        }
    }

    public ResourceUse Since(ResourceUse start) => new(CpuNanoseconds - start.CpuNanoseconds, AllocatedBytes - start.AllocatedBytes);

    public static ResourceUse operator +(ResourceUse left, ResourceUse right) =>
        new(left.CpuNanoseconds + right.CpuNanoseconds, left.AllocatedBytes + right.AllocatedBytes);
}
