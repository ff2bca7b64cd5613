using System.Diagnostics;
using System.Globalization;

namespace MsgNet.Benchmarks.Loads;

/// <summary>What a process has done until now.</summary>
/// <param name="Messages">Messages that came.</param>
/// <param name="Time">When, on a clock of its own.</param>
/// <param name="Allocated">Bytes.</param>
/// <param name="Cpu">Time on the processor, of all threads.</param>
internal readonly record struct ProcessStats(long Messages, TimeSpan Time, long Allocated, TimeSpan Cpu)
{
    public static ProcessStats Take(long messages) => new(
        messages, Stopwatch.GetElapsedTime(0), GC.GetTotalAllocatedBytes(precise: true), Environment.CpuUsage.TotalTime);

    public static ProcessStats Parse(string text)
    {
        var parts = Array.ConvertAll(text.Split(' '), part => long.Parse(part, CultureInfo.InvariantCulture));
        return new ProcessStats(parts[0], new TimeSpan(parts[1]), parts[2], new TimeSpan(parts[3]));
    }

    public static ProcessStats operator -(ProcessStats later, ProcessStats earlier) => new(
        later.Messages - earlier.Messages, later.Time - earlier.Time, later.Allocated - earlier.Allocated, later.Cpu - earlier.Cpu);

    public override string ToString()
        => string.Create(CultureInfo.InvariantCulture, $"{Messages} {Time.Ticks} {Allocated} {Cpu.Ticks}");
}
