using System.Reflection;
using System.Runtime.CompilerServices;

namespace MsgNet.Tidy.Tests;

/// <summary>
/// A struct that changes is a part of its owner: a field of it that may not change would have the compiler work on copies.
/// </summary>
public sealed class StructTests
{
    private const BindingFlags Own =
        BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;

    [Fact]
    public void No_field_of_a_struct_that_changes_is_read_only() =>
        Repository.AssertNone(
            "Fields of structs with methods that change them must not be readonly, nor properties without a setter",
            from type in PublicApiTests.Assemblies.SelectMany(assembly => assembly.GetTypes())
            where !type.IsDefined(typeof(CompilerGeneratedAttribute))
            from field in type.GetFields(Own)
            where field.IsInitOnly && Changes(field.FieldType)
            select $"{type}: {field.Name}");

    private static bool Changes(Type type) =>
        type is { IsValueType: true, IsEnum: false }
        && PublicApiTests.Assemblies.Contains(type.Assembly)
        && type.GetMethods(Own).Any(method => !method.IsStatic && !method.IsSpecialName && !IsReadOnly(method));

    private static bool IsReadOnly(MethodInfo method) =>
        method.IsDefined(typeof(IsReadOnlyAttribute)) || method.DeclaringType!.IsDefined(typeof(IsReadOnlyAttribute));
}
