using System.Runtime.InteropServices;

namespace MsgNet.LoadBench.Contestants.Native;

/// <summary>Whether a library of the system is there.</summary>
internal static class NativeLibraries
{
    /// <summary>Null when it is; else what to say, with the Debian package that holds it.</summary>
    public static string? WhyMissing(string file, string package)
    {
        if (!NativeLibrary.TryLoad(file, out var handle))
            return $"not installed ({package})";

        NativeLibrary.Free(handle);
        return null;
    }
}
