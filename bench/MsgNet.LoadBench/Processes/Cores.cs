using System.Diagnostics;
using MsgNet.Bench;

namespace MsgNet.LoadBench.Processes;

/// <summary>Which core a child runs on. Linux; elsewhere children run anywhere.</summary>
internal static unsafe class Cores
{
    private const int MaskWords = 16; // 1,024 cores

    /// <summary>True when two processes can have a core each.</summary>
    public static bool CanPin => OperatingSystem.IsLinux() && Environment.ProcessorCount >= 2;

    /// <summary>
    /// Starts a process that runs, with all its threads, on one core: a child inherits the cores of the thread that starts it.
    /// </summary>
    public static Process StartOn(int? core, ProcessStartInfo start)
    {
        if (core is not { } number || !CanPin)
            return Process.Start(start)!;

        var before = stackalloc ulong[MaskWords];
        var only = stackalloc ulong[MaskWords];
        new Span<ulong>(only, MaskWords).Clear();
        only[number / 64] = 1ul << (number % 64);
        if (SystemCalls.GetAffinity(0, MaskWords * sizeof(ulong), before) < 0
            || SystemCalls.SetAffinity(0, MaskWords * sizeof(ulong), only) < 0)
        {
            return Process.Start(start)!;
        }

        try
        {
            return Process.Start(start)!;
        }
        finally
        {
            _ = SystemCalls.SetAffinity(0, MaskWords * sizeof(ulong), before);
        }
    }
}
