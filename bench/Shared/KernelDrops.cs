using System.Globalization;

namespace MsgNet.Bench;

/// <summary>Datagrams that the kernel dropped because a port's buffer was full. Linux.</summary>
internal static class KernelDrops
{
    // The second column of /proc/net/udp is address:port in hexadecimal, the last one the drops.
    public static long Of(int port)
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
