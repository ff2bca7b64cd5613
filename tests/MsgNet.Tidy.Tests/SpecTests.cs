using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MsgNet.Tidy.Tests;

/// <summary>The triangle of specs/README.md: every rule in force has its text, the code that obeys it, and its proof.</summary>
public sealed partial class SpecTests
{
    private static readonly SpecRule[] Rules = SpecRule.ReadAll();
    private static readonly ILookup<string, string> Code = NamedInCode();
    private static readonly ILookup<string, string> Proof =
        NamedByTests().Concat(NamedByVectors()).ToLookup(name => name.Id, name => name.Place);

    [Fact]
    public void Every_rule_in_force_has_code_and_proof()
    {
        var inForce = Rules.Where(rule => !rule.Later).ToArray();
        Assert.NotEmpty(inForce);
        Repository.AssertNone("Corners missing: a comment in src that names the id, or a [Covers] test or vector that proves it",
            from rule in inForce
            let code = Code.Contains(rule.Id) ? "" : " code"
            let proof = Proof.Contains(rule.Id) ? "" : " proof"
            where code.Length + proof.Length > 0
            select $"{rule.Id} lacks{code}{(code.Length > 0 && proof.Length > 0 ? " and" : "")}{proof}: {Head(rule.Text)}");
    }

    [Fact]
    public void Ids_that_are_named_exist()
    {
        var known = Rules.Select(rule => rule.Id).ToHashSet();
        Repository.AssertNone("Ids that stand in no specification",
            Code.Concat(Proof).Where(group => !known.Contains(group.Key)).Select(group => $"{group.Key}: {group.First()}"));
    }

    [Fact]
    public void Ids_are_unique()
        => Repository.AssertNone("Ids used twice",
            Rules.GroupBy(rule => rule.Id).Where(group => group.Count() > 1).Select(group => group.Key));

    [Fact]
    public void Every_rule_says_must()
        => Repository.AssertNone("Rules in force without MUST",
            from rule in Rules
            where !rule.Later && !rule.Text.Contains("MUST", StringComparison.Ordinal)
            select rule.Id);

    [Fact]
    public void Every_line_that_looks_like_a_rule_is_one()
        => Repository.AssertNone("Malformed rules",
            from path in Repository.TextFiles
            where path.StartsWith("specs/", StringComparison.Ordinal) && path.EndsWith(".md", StringComparison.Ordinal)
            where path != "specs/README.md"
            from line in Repository.Read(path).Split('\n')
            where LooksLikeARule().IsMatch(line)
            where !Rules.Any(rule => line.StartsWith($"**{rule.Id}** ", StringComparison.Ordinal))
            select $"{path}: {Head(line)}");

    [Fact]
    public void Covers_stands_on_tests_only()
        => Repository.AssertNone("[Covers] on a method that is no test",
            from file in SourceFile.Under("tests")
            from method in file.Root.DescendantNodes().OfType<MethodDeclarationSyntax>()
            let attributes = method.AttributeLists.SelectMany(list => list.Attributes).Select(attribute => attribute.Name.ToString())
            where attributes.Contains("Covers") && !attributes.Any(IsTest)
            select file.At(method));

    private static bool IsTest(string attribute)
        => attribute.EndsWith("Fact", StringComparison.Ordinal) || attribute.EndsWith("Theory", StringComparison.Ordinal);

    private static ILookup<string, string> NamedInCode()
    {
        var source = from file in SourceFile.Under("src")
                     from comment in file.Comments()
                     from Match id in Id().Matches(comment.ToFullString())
                     select (Id: id.Value, Place: file.Path);
        var scripts = from path in Repository.TextFiles
                      where path.StartsWith("eng/", StringComparison.Ordinal)
                      from Match id in Id().Matches(Repository.Read(path))
                      select (Id: id.Value, Place: path);
        return source.Concat(scripts).ToLookup(name => name.Id, name => name.Place);
    }

    private static IEnumerable<(string Id, string Place)> NamedByTests()
        => from file in SourceFile.Under("tests")
           from attribute in file.Root.DescendantNodes().OfType<AttributeSyntax>()
           where attribute.Name.ToString() == "Covers"
           from argument in attribute.ArgumentList!.Arguments
           where argument.Expression.IsKind(SyntaxKind.StringLiteralExpression)
           select (((LiteralExpressionSyntax)argument.Expression).Token.ValueText, file.At(attribute));

    /// <summary>A vector proves what its "covers" lists, provided that some test reads the file.</summary>
    private static IEnumerable<(string Id, string Place)> NamedByVectors()
        => from path in Repository.TextFiles
           where path.StartsWith("specs/vectors/", StringComparison.Ordinal) && path.EndsWith(".json", StringComparison.Ordinal)
           where SourceFile.Under("tests").Any(file => file.Text.Contains($"\"{Path.GetFileName(path)}\"", StringComparison.Ordinal))
           from id in CoversOf(JsonDocument.Parse(Repository.Read(path)).RootElement)
           select (id, path);

    private static IEnumerable<string> CoversOf(JsonElement element) => element.ValueKind switch
    {
        JsonValueKind.Array => element.EnumerateArray().SelectMany(CoversOf),
        JsonValueKind.Object => element.EnumerateObject().SelectMany(property
            => property is { Name: "covers", Value.ValueKind: JsonValueKind.Array }
                ? property.Value.EnumerateArray().Select(id => id.GetString()!)
                : CoversOf(property.Value)),
        _ => [],
    };

    private static string Head(string text) => text.Length <= 100 ? text : text[..100] + "…";

    [GeneratedRegex(@"\b(ID|MA|SEC|MP|REQ|REC|LANE|MSP|MESSI|API|CLI)-\d{3}\b")]
    private static partial Regex Id();

    [GeneratedRegex(@"^\*+[A-Z]{2,6}-\d+")]
    private static partial Regex LooksLikeARule();
}
