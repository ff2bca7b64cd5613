using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MsgNet.Tidy.Tests;

/// <summary>Sizes and names: what fits on a screen can be read.</summary>
public sealed class FileTests
{
    private const int FileLinesMax = 350;
    private const int MethodLinesMax = 60;
    private const int LineLengthMax = 140;
    private const int SampleLinesMax = 60;

    /// <summary>Files that hold more than one public type, each with its reason.</summary>
    private static readonly Dictionary<string, string[]> Companions = new()
    {
        ["src/MsgNet.Core/IRandom.cs"] = ["RandomExtensions"], // what every implementation gets
        ["src/MsgNet.Core/Node/TimerQueue.cs"] = ["ITimed"], // what its items must be
        ["src/MsgNet/Api/PeerEvent.cs"] = ["PeerEventKind"], // an enum beside its record
    };

    [Fact]
    public void Files_are_short()
        => Repository.AssertNone($"Files have at most {FileLinesMax} lines",
            from file in SourceFile.All
            where file.Lines.Length > FileLinesMax
            select $"{file.Path}: {file.Lines.Length} lines");

    [Fact]
    public void Samples_fit_on_a_screen()
        => Repository.AssertNone($"Samples have at most {SampleLinesMax} lines",
            from file in SourceFile.Under("samples")
            where file.Lines.Length > SampleLinesMax
            select $"{file.Path}: {file.Lines.Length} lines");

    [Fact]
    public void Lines_are_short()
        => Repository.AssertNone($"Lines have at most {LineLengthMax} characters",
            from file in SourceFile.All
            from line in file.Lines.Index()
            where line.Item.Length > LineLengthMax
            select $"{file.Path}:{line.Index + 1}: {line.Item.Length} characters");

    [Fact]
    public void Methods_are_short()
        => Repository.AssertNone($"Methods have at most {MethodLinesMax} lines",
            from file in SourceFile.All
            from node in file.Root.DescendantNodes().Where(IsMethod)
            let lines = LinesOf(node)
            where lines > MethodLinesMax
            select $"{file.At(node)}: {lines} lines");

    [Fact]
    public void A_file_of_src_holds_one_public_type_and_bears_its_name()
        => Repository.AssertNone("One public top-level type per file, named as the file",
            from file in SourceFile.Under("src")
            let types = TopLevelTypes(file).ToArray()
            let misfits = types.Where(type => IsPublic(type) && !Allowed(file, NameOf(type))).Select(NameOf).ToArray()
            where misfits.Length > 0 || (types.Length > 0 && !types.Any(type => NameOf(type) == file.Stem))
            select $"{file.Path}: {string.Join(", ", types.Select(NameOf))}");

    [Fact]
    public void Allowances_for_second_types_are_used()
        => Repository.AssertNone("Second types that are gone must leave the list of allowances",
            from entry in Companions
            let file = SourceFile.All.SingleOrDefault(file => file.Path == entry.Key)
            from name in entry.Value
            where file is null || !TopLevelTypes(file).Any(type => NameOf(type) == name)
            select $"{entry.Key}: {name}");

    private static bool Allowed(SourceFile file, string name)
        => name == file.Stem || (Companions.TryGetValue(file.Path, out var names) && names.Contains(name));

    private static IEnumerable<MemberDeclarationSyntax> TopLevelTypes(SourceFile file)
        => file.Root.DescendantNodes(node => node is CompilationUnitSyntax or BaseNamespaceDeclarationSyntax)
            .OfType<MemberDeclarationSyntax>()
            .Where(member => member is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax);

    private static bool IsPublic(MemberDeclarationSyntax type) => type.Modifiers.Any(SyntaxKind.PublicKeyword);

    private static string NameOf(MemberDeclarationSyntax type)
        => type is BaseTypeDeclarationSyntax declaration ? declaration.Identifier.Text : ((DelegateDeclarationSyntax)type).Identifier.Text;

    private static bool IsMethod(SyntaxNode node)
        => node is BaseMethodDeclarationSyntax or AccessorDeclarationSyntax or LocalFunctionStatementSyntax;

    private static int LinesOf(SyntaxNode node)
    {
        var attributes = node.ChildNodes().OfType<AttributeListSyntax>().LastOrDefault();
        var first = attributes is null ? node.GetFirstToken() : attributes.GetLastToken().GetNextToken();
        var span = node.GetLocation().GetLineSpan();
        return span.EndLinePosition.Line - first.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
    }
}
