using System.Globalization;
using System.Runtime.InteropServices;

namespace MsgNet.LoadBench.Results;

/// <summary>Where a run was made.</summary>
/// <param name="Processor">Its name.</param>
/// <param name="Cores">How many there are.</param>
/// <param name="System">The system and its kernel.</param>
/// <param name="Runtime">The version of .NET.</param>
/// <param name="IsPinned">True when sender and receiver had a core each.</param>
/// <param name="Load">Processes that wanted a core before the run began, averaged over a minute; 0 where that is not told.</param>
internal sealed record Machine(string Processor, int Cores, string System, string Runtime, bool IsPinned, double Load)
{
    public static Machine Read() => new(
        Field("/proc/cpuinfo", "model name") ?? RuntimeInformation.ProcessArchitecture.ToString(),
        Environment.ProcessorCount,
        $"{RuntimeInformation.OSDescription}, {Environment.OSVersion.VersionString}",
        Environment.Version.ToString(),
        Processes.Cores.CanPin,
        ReadLoad());

    private static string? Field(string path, string name) => File.Exists(path)
        ? File.ReadLines(path).FirstOrDefault(line => line.StartsWith(name, StringComparison.Ordinal))?.Split(':', 2)[1].Trim()
        : null;

    private static double ReadLoad() => File.Exists("/proc/loadavg")
        ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture)
        : 0;
}
