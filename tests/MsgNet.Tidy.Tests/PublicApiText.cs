using System.Reflection;
using System.Runtime.CompilerServices;

namespace MsgNet.Tidy.Tests;

/// <summary>One line for each public type and member of an assembly, in an order that does not depend on the compiler.</summary>
internal static class PublicApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void", [typeof(bool)] = "bool", [typeof(byte)] = "byte", [typeof(sbyte)] = "sbyte", [typeof(char)] = "char",
        [typeof(short)] = "short", [typeof(ushort)] = "ushort", [typeof(int)] = "int", [typeof(uint)] = "uint", [typeof(long)] = "long",
        [typeof(ulong)] = "ulong", [typeof(float)] = "float", [typeof(double)] = "double", [typeof(string)] = "string",
        [typeof(object)] = "object",
    };

    public static string[] Of(Assembly assembly)
        => [.. assembly.GetExportedTypes().OrderBy(type => type.FullName, StringComparer.Ordinal).SelectMany(LinesOf)];

    private static IEnumerable<string> LinesOf(Type type)
    {
        var name = NameOf(type);
        yield return $"{KindOf(type)} {name}{BasesOf(type)}";
        if (typeof(Delegate).IsAssignableFrom(type))
        {
            yield return $"{name}: {Signature(type.GetMethod("Invoke")!)}";
            yield break;
        }

        var lines = type.GetMembers(Declared).Where(IsShown).Select(member => $"{name}: {TextOf(member)}");
        foreach (var line in lines.Distinct().Order(StringComparer.Ordinal))
            yield return line;
    }

    private static bool IsShown(MemberInfo member) => member switch
    {
        FieldInfo field => (field.IsPublic || field.IsFamily) && !field.IsSpecialName,
        ConstructorInfo constructor => IsVisible(constructor) && !constructor.IsStatic,
        MethodInfo method => IsVisible(method) && !IsAccessor(method) && !IsGenerated(method),
        PropertyInfo property => property.GetAccessors(true).Any(IsVisible) && !IsGenerated(property),
        EventInfo happening => IsVisible(happening.AddMethod!),
        _ => false,
    };

    private static string TextOf(MemberInfo member) => member switch
    {
        FieldInfo { IsLiteral: true, DeclaringType.IsEnum: true } field => $"{field.Name} = {field.GetRawConstantValue()}",
        FieldInfo { IsLiteral: true } field => $"const {NameOf(field.FieldType)} {field.Name} = {field.GetRawConstantValue()}",
        FieldInfo field => $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}{NameOf(field.FieldType)} {field.Name}",
        PropertyInfo property => TextOf(property),
        MethodBase method => Signature(method),
        EventInfo happening => $"event {NameOf(happening.EventHandlerType!)} {happening.Name}",
        _ => member.ToString()!,
    };

    private static string TextOf(PropertyInfo property)
    {
        var accessors = property.GetAccessors(true).Where(IsVisible).ToArray();
        var modifier = accessors[0].IsStatic ? "static " : "";
        var index = property.GetIndexParameters() is { Length: > 0 } parameters ? $"[{string.Join(", ", parameters.Select(TextOf))}]" : "";
        var type = NameOf(property.PropertyType) + Mark(Nullability.Create(property).ReadState, property.PropertyType);
        return $"{modifier}{type} {property.Name}{index} {{ {string.Join(" ", accessors.Select(AccessorName).Order(StringComparer.Ordinal))} }}";
    }

    private static string AccessorName(MethodInfo accessor)
    {
        if (accessor.Name.StartsWith("get_", StringComparison.Ordinal) || accessor.Name.Contains(".get_", StringComparison.Ordinal))
            return "get;";
        return accessor.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;";
    }

    private static string Signature(MethodBase method)
    {
        var modifier = method.IsStatic ? "static " : method is { IsAbstract: true, DeclaringType.IsInterface: false } ? "abstract " : "";
        var generics = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(NameOf))}>" : "";
        var result = method is MethodInfo info ? NameOf(info.ReturnType) + Mark(Nullability.Create(info.ReturnParameter).ReadState, info.ReturnType) + " " : "";
        return $"{modifier}{result}{method.Name}{generics}({string.Join(", ", method.GetParameters().Select(TextOf))})";
    }

    private static string TextOf(ParameterInfo parameter)
    {
        var type = parameter.ParameterType;
        var prefix = parameter.IsDefined(typeof(ParamCollectionAttribute)) || parameter.IsDefined(typeof(ParamArrayAttribute)) ? "params " : "";
        if (type.IsByRef)
        {
            prefix += parameter.IsOut ? "out " : parameter.IsIn ? "in " : "ref ";
            type = type.GetElementType()!;
        }

        return $"{prefix}{NameOf(type)}{Mark(Nullability.Create(parameter).ReadState, type)} {parameter.Name}{(parameter.IsOptional ? " = default" : "")}";
    }

    private static string Mark(NullabilityState state, Type type) => state == NullabilityState.Nullable && !type.IsValueType ? "?" : "";

    private static string KindOf(Type type)
    {
        if (typeof(Delegate).IsAssignableFrom(type))
            return "delegate";
        if (type.IsEnum)
            return "enum";
        if (type.IsInterface)
            return "interface";
        if (type.IsValueType)
            return type.IsByRefLike ? "ref struct" : "struct";
        return type is { IsAbstract: true, IsSealed: true } ? "static class" : type.IsSealed ? "sealed class" : type.IsAbstract ? "abstract class" : "class";
    }

    private static string BasesOf(Type type)
    {
        if (type.IsEnum || typeof(Delegate).IsAssignableFrom(type))
            return "";
        var inherited = type.BaseType?.GetInterfaces() ?? [];
        var bases = type.GetInterfaces().Except(inherited).Where(face => face.IsVisible).Select(NameOf).Order(StringComparer.Ordinal).ToList();
        if (type.BaseType is { } parent && parent != typeof(object) && parent != typeof(ValueType))
            bases.Insert(0, NameOf(parent));
        return bases.Count == 0 ? "" : " : " + string.Join(", ", bases);
    }

    private static string NameOf(Type type)
    {
        if (Keywords.TryGetValue(type, out var keyword))
            return keyword;
        if (type.IsArray)
            return NameOf(type.GetElementType()!) + "[]";
        if (type.IsPointer || type.IsByRef)
            return NameOf(type.GetElementType()!) + (type.IsPointer ? "*" : "&");
        if (Nullable.GetUnderlyingType(type) is { } inner)
            return NameOf(inner) + "?";
        var name = type is { IsNested: true, IsGenericParameter: false } ? $"{NameOf(type.DeclaringType!)}.{type.Name}" : type.Name;
        return type.IsGenericType ? $"{name.Split('`')[0]}<{string.Join(", ", type.GetGenericArguments().Select(NameOf))}>" : name;
    }

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    private static bool IsAccessor(MethodInfo method) => method.IsSpecialName && !method.Name.StartsWith("op_", StringComparison.Ordinal);

    private static bool IsGenerated(MemberInfo member) => member.IsDefined(typeof(CompilerGeneratedAttribute)) || member.Name.Contains('<', StringComparison.Ordinal);
}
