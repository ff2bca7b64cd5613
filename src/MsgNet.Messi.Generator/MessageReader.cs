using Microsoft.CodeAnalysis;
using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator;

/// <summary>Reads, from the class that protoc made of a message, what the message looks like.</summary>
internal static class MessageReader
{
    private const string CaseSuffix = "OneofCase";
    private const string NumberSuffix = "FieldNumber";

    /// <summary>Whether a type is a message of Google.Protobuf.</summary>
    public static bool IsMessage(ITypeSymbol type) => type.AllInterfaces.Any(face =>
        face is { Name: "IMessage", Arity: 1, ContainingNamespace: { Name: "Protobuf", ContainingNamespace.Name: "Google" } }
        && SymbolEqualityComparer.Default.Equals(face.TypeArguments[0], type));

    /// <summary>Reads a message.</summary>
    public static MessiMessage Read(INamedTypeSymbol message)
    {
        var hasFields = message.GetMembers().OfType<IFieldSymbol>()
            .Any(field => field is { IsConst: true, Type.SpecialType: SpecialType.System_Int32 }
                && field.Name.EndsWith(NumberSuffix, StringComparison.Ordinal));
        var oneofs = Cases(message).Select(cases => new MessiOneof(
            cases.Name.Substring(0, cases.Name.Length - CaseSuffix.Length),
            new EquatableArray<MessiMember>(Members(message, cases))));
        return new MessiMessage(message.Name, FullName(message), hasFields, new EquatableArray<MessiOneof>(oneofs));
    }

    /// <summary>The types of the members of all its oneofs.</summary>
    public static IEnumerable<INamedTypeSymbol> MemberTypes(INamedTypeSymbol message) =>
        from cases in Cases(message)
        from value in Values(cases)
        let type = PropertyOf(message, value.Name)?.Type as INamedTypeSymbol
        where type is not null
        select type;

    // protoc makes an enum of each oneof, with the field numbers as values; types of the .proto file itself are one class deeper.
    private static IEnumerable<INamedTypeSymbol> Cases(INamedTypeSymbol message) =>
        message.GetTypeMembers().Where(type => type.TypeKind == TypeKind.Enum && type.Name.EndsWith(CaseSuffix, StringComparison.Ordinal));

    private static IEnumerable<IFieldSymbol> Values(INamedTypeSymbol cases) =>
        cases.GetMembers().OfType<IFieldSymbol>().Where(value => value is { HasConstantValue: true, ConstantValue: int and not 0 });

    private static IEnumerable<MessiMember> Members(INamedTypeSymbol message, INamedTypeSymbol cases) =>
        from value in Values(cases)
        let property = PropertyOf(message, value.Name)
        where property is not null
        select new MessiMember(
            property.Name, value.Name, (int)value.ConstantValue!, FullName(property.Type), IsMessage(property.Type));

    // None is the case of an empty oneof, so the case of a member called None is None_.
    private static IPropertySymbol? PropertyOf(INamedTypeSymbol message, string name) =>
        Property(message, name) ?? (name == "None_" ? Property(message, "None") : null);

    private static IPropertySymbol? Property(INamedTypeSymbol message, string name) =>
        message.GetMembers(name).OfType<IPropertySymbol>().FirstOrDefault();

    private static string FullName(ITypeSymbol type) => type.ToDisplayString(SymbolDisplayFormat.FullyQualifiedFormat);
}
