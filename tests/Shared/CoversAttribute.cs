namespace MsgNet.Testing;

/// <summary>Names the specification rule a test proves, by its id in <c>specs/</c>; the tidy tests fail when an id has no proof.</summary>
[AttributeUsage(AttributeTargets.Method | AttributeTargets.Class, AllowMultiple = true)]
public sealed class CoversAttribute(params string[] ids) : Attribute
{
    public IReadOnlyList<string> Ids { get; } = ids;
}
