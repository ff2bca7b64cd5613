using System.Diagnostics;
using System.Globalization;

namespace MsgNet.Flood;

/// <summary>What a process has taken so far, and what the kernel dropped before its UDP port.</summary>
internal readonly record struct ProcessUse(TimeSpan Cpu, long ResidentBytes, long DatagramsDropped)
{
    /// <summary>Of process <paramref name="id"/>, whose UDP port is <paramref name="port"/>.</summary>
    public static ProcessUse Of(int id, int port)
    {
        using var process = Process.GetProcessById(id);
        return new ProcessUse(process.TotalProcessorTime, process.WorkingSet64, DroppedAt(port));
    }

    // The second column of /proc/net/udp is address:port in hexadecimal, the last one the drops.
    private static long DroppedAt(int port)
    {
        var ending = $":{port:X4}";
        foreach (var line in File.ReadLines("/proc/net/udp"))
        {
            var fields = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (fields[1].EndsWith(ending, StringComparison.Ordinal))
                return long.Parse(fields[^1], CultureInfo.InvariantCulture);
        }

        return 0;
    }
}
