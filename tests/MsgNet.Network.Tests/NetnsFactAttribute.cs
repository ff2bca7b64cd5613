namespace MsgNet.NetworkTests;

/// <summary>A test that needs capabilities of the system; where one is missing it is skipped, and says which.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class NetnsFactAttribute : FactAttribute
{
    public NetnsFactAttribute(params string[] needed)
    {
        Needed = needed;
        if (Capabilities.Missing(needed) is { } missing)
            Skip = $"This needs {missing}, which this machine does not give.";
    }

    public IReadOnlyList<string> Needed { get; }
}
