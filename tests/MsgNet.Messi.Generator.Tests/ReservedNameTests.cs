using System.Reflection;
using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator.Tests;

/// <summary>The generator's lists of names that are taken name exactly what the base classes have, and what is generated anyway.</summary>
public sealed class ReservedNameTests
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    [Fact]
    [Covers("MESSI-095")]
    public void Names_of_clients_are_known() =>
        Assert.Equal(NamesOf(typeof(MessiClient<>), "Send", "TrySend"), MessiNames.ClientMembers.Order(StringComparer.Ordinal));

    [Fact]
    [Covers("MESSI-095")]
    public void Names_of_connections_are_known() =>
        Assert.Equal(NamesOf(typeof(MessiConnection), "Send", "TrySend", "Reply"), MessiNames.ConnectionMembers.Order(StringComparer.Ordinal));

    [Fact]
    [Covers("MESSI-095")]
    public void Names_of_servers_are_known() =>
        Assert.Equal(NamesOf(typeof(MessiServer<,>), "Broadcast"), MessiNames.ServerMembers.Order(StringComparer.Ordinal));

    private static IEnumerable<string> NamesOf(Type type, params string[] generated) =>
        type.GetMembers(Declared).Concat(typeof(object).GetMembers(Declared)).Where(IsSeen)
            .Select(member => member.Name)
            .Concat(generated).Distinct().Order(StringComparer.Ordinal);

    private static bool IsSeen(MemberInfo member) => member switch
    {
        ConstructorInfo => false,
        MethodBase { IsSpecialName: true } => false,
        MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
        PropertyInfo property => property.GetAccessors(nonPublic: true).Any(IsSeenAccessor),
        FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
        EventInfo happening => IsSeenAccessor(happening.AddMethod!),
        _ => true,
    };

    private static bool IsSeenAccessor(MethodInfo method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;
}
