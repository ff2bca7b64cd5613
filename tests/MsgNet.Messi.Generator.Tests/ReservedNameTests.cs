using System.Reflection;
using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator.Tests;

/// <summary>The generator's lists of names that are taken name exactly what the base classes have, and what is generated anyway.</summary>
public sealed class ReservedNameTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Theory]
    [Covers("MESSI-095")]
    [InlineData(typeof(MessiClient<>), nameof(MessiNames.ClientMembers), "Send", "TrySend")]
    [InlineData(typeof(MessiConnection), nameof(MessiNames.ConnectionMembers), "Send", "TrySend", "Reply")]
    [InlineData(typeof(MessiServer<,>), nameof(MessiNames.ServerMembers), "Broadcast")]
    public void Names_that_are_taken_are_known(Type type, string list, params string[] generated)
    {
        var known = (IEnumerable<string>)typeof(MessiNames).GetProperty(list)!.GetValue(null)!;
        var taken = NamesOf(type).Concat(generated).ToArray();
        var missing = string.Join(", ", taken.Except(known));
        var free = string.Join(", ", known.Except(taken));
        Assert.True(missing.Length + free.Length == 0, $"MessiNames.{list}: add [{missing}], remove [{free}]");
    }

    private static IEnumerable<string> NamesOf(Type type) =>
        type.GetMembers(Declared).Concat(typeof(object).GetMembers(Declared)).Where(IsSeen)
            .Select(member => member.Name)
            .Distinct();

    private static bool IsSeen(MemberInfo member) => member switch
    {
        ConstructorInfo => false,
        MethodBase { IsSpecialName: true } => false,
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsSeenAccessor),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        EventInfo happening => IsSeenAccessor(happening.AddMethod!),
        Type type => !type.IsNestedPrivate && !type.IsNestedAssembly,
        _ => true,
    };

    private static bool IsSeenAccessor(MethodInfo method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
}
