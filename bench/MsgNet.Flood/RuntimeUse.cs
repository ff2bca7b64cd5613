using System.Globalization;

namespace MsgNet.Flood;

/// <summary>What the runtime of a process holds, as a line that another process can read.</summary>
internal readonly record struct RuntimeUse(long HeapBytes, int FullCollections, int Handles)
{
    public static RuntimeUse Now() => new(
        GC.GetTotalMemory(forceFullCollection: false), GC.CollectionCount(GC.MaxGeneration), Directory.GetFiles("/proc/self/fd").Length);

    public static RuntimeUse Parse(string line)
    {
        var words = line.Split(' ');
        return new RuntimeUse(Long(words[0]), (int)Long(words[1]), (int)Long(words[2]));
    }

    public override string ToString() => FormattableString.Invariant($"{HeapBytes} {FullCollections} {Handles}");

    private static long Long(string word) => long.Parse(word, NumberStyles.None, CultureInfo.InvariantCulture);
}
