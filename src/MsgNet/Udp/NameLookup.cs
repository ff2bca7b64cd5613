using System.Net;
using System.Runtime.CompilerServices;

namespace MsgNet;

/// <summary>A name that is being looked up.</summary>
internal static class NameLookup
{
    /// <summary>Takes what came too late for anybody: a failure that nobody looked at would be told to the whole process.</summary>
    public static void Forget(this ValueTaskAwaiter<IReadOnlyList<IPAddress>> lookup) // API-089
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
