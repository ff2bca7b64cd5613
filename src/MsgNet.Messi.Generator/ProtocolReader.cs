using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator;

/// <summary>Reads a protocol from a class and its attribute.</summary>
internal static class ProtocolReader
{
    /// <summary>Reads the attribute of a class.</summary>
    public static Reading Read(GeneratorAttributeSyntaxContext context, CancellationToken cancellationToken)
    {
        var type = (INamedTypeSymbol)context.TargetSymbol;
        var attribute = context.Attributes[0];
        var place = Place.Of(attribute.ApplicationSyntaxReference!);
        var faults = new List<MessiFault>();
        CheckClass(type, (TypeDeclarationSyntax)context.TargetNode, faults);
        var types = attribute.ConstructorArguments.Select(argument => argument.Value).OfType<ITypeSymbol>().ToArray();

        // What does not even compile is the compiler's to tell.
        if (type.TypeKind != TypeKind.Class || types.Length != 2 || types.Any(given => given.TypeKind == TypeKind.Error))
            return Result(null);

        foreach (var given in types.Where(given => !MessageReader.IsMessage(given)))
            faults.Add(new MessiFault(MessiFaultKind.NotAMessage, given.ToDisplayString()));
        if (faults.Count > 0)
            return Result(null);

        cancellationToken.ThrowIfCancellationRequested();
        var (toServer, toClient) = ((INamedTypeSymbol)types[0], (INamedTypeSymbol)types[1]);
        var accessibility = SyntaxFacts.GetText(type.DeclaredAccessibility);
        var space = type.ContainingNamespace.IsGlobalNamespace ? "" : type.ContainingNamespace.ToDisplayString();
        var protocol = MessiRules.Check(
            type.Name, space, accessibility, MessageReader.Read(toServer), MessageReader.Read(toClient), faults);
        CheckVisible(type, [toServer, toClient], faults);
        return Result(faults.Count == 0 ? protocol : null);

        Reading Result(MessiProtocol? protocol) =>
            new(protocol, new EquatableArray<Complaint>(faults.Select(fault => new Complaint(fault, place))));
    }

    private static void CheckClass(INamedTypeSymbol type, TypeDeclarationSyntax declaration, List<MessiFault> faults)
    {
        if (!declaration.Modifiers.Any(SyntaxKind.PartialKeyword))
            faults.Add(new MessiFault(MessiFaultKind.NotPartial, type.Name));
        if (type.ContainingType is { } container)
            faults.Add(new MessiFault(MessiFaultKind.NotPlain, type.Name, $"a part of {container.Name}"));
        if (type.IsGenericType)
            faults.Add(new MessiFault(MessiFaultKind.NotPlain, type.Name, "generic"));
        if (type.IsRecord)
            faults.Add(new MessiFault(MessiFaultKind.NotPlain, type.Name, "a record"));
        if (type.IsStatic)
            faults.Add(new MessiFault(MessiFaultKind.NotPlain, type.Name, "static"));
        if (type.IsFileLocal)
            faults.Add(new MessiFault(MessiFaultKind.NotPlain, type.Name, "local to its file"));
    }

    private static void CheckVisible(INamedTypeSymbol type, INamedTypeSymbol[] messages, List<MessiFault> faults)
    {
        if (type.DeclaredAccessibility != Accessibility.Public)
            return;

        var seen = messages.Concat(messages.SelectMany(MessageReader.MemberTypes));
        if (seen.FirstOrDefault(message => !IsPublic(message)) is { } hidden)
            faults.Add(new MessiFault(MessiFaultKind.HiddenMessage, type.Name, hidden.Name));
    }

    private static bool IsPublic(INamedTypeSymbol type) =>
        type.DeclaredAccessibility == Accessibility.Public && (type.ContainingType is null || IsPublic(type.ContainingType));
}
