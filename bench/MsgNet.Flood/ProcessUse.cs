using System.Diagnostics;
using MsgNet.Bench;

namespace MsgNet.Flood;

/// <summary>What a process has taken so far, and what the kernel dropped before its UDP port.</summary>
internal readonly record struct ProcessUse(TimeSpan Cpu, long ResidentBytes, long DatagramsDropped)
{
    /// <summary>Of process <paramref name="id"/>, whose UDP port is <paramref name="port"/>.</summary>
    public static ProcessUse Of(int id, int port)
    {
        using var process = Process.GetProcessById(id);
        return new ProcessUse(process.TotalProcessorTime, process.WorkingSet64, KernelDrops.Of(port));
    }
}
