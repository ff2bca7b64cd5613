using LookupAwaiter = System.Runtime.CompilerServices
    .ConfiguredValueTaskAwaitable<System.Collections.Generic.IReadOnlyList<System.Net.IPAddress>>.ConfiguredValueTaskAwaiter;

namespace MsgNet;

/// <summary>A name that is being looked up.</summary>
internal static class NameLookup
{
    /// <summary>Takes what came too late for anybody: a failure that nobody looked at would be told to the whole process.</summary>
    public static void Forget(this LookupAwaiter lookup) // API-089
    {
        try
        {
            lookup.GetResult();
        }
        catch (Exception)
        {
            // Who waited has been told that it took too long.
        }
    }
}
