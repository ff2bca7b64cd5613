using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MsgNet.Tidy.Tests;

/// <summary>What specs/security.md promises has a test, and the mutants it lists can still be made.</summary>
public sealed partial class SecurityTests
{
    private const string Document = "specs/security.md";
    private static readonly JsonSerializerOptions Json = new() { PropertyNameCaseInsensitive = true, AllowDuplicateProperties = false };
    private static readonly string Text = Repository.Read(Document);
    private static readonly Mutant[] Mutants = JsonSerializer.Deserialize<Mutant[]>(Repository.Read("tests/mutants.json"), Json)!;

    // What is compared bytewise there is public: keys, and the nonce of a question that anybody on the path has read.
    private static readonly string[] PublicValues =
    [
        "remoteKey.AsSpan().SequenceEqual(crypto.PublicKey)",
        "handshake.RemoteKey.SequenceEqual(node.Crypto.PublicKey)",
        "key.SequenceEqual(Crypto.PublicKey)",
        "nonce.SequenceEqual(questions[i].Nonce)",
    ];

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var named = TestName().Matches(Text).Select(match => match.Value.Trim('`')).Distinct().ToArray();
        Assert.True(named.Length > 40, "Promises and mutants name their tests as `SomeTests.Method`.");
        Repository.AssertNone("Tests named in specs/security.md that do not exist", named.Where(name => !TestExists(name)));
    }

    [Fact]
    public void Every_promise_has_a_proof()
    {
        var section = Text.Split("## 2.")[1].Split("## 3.")[0];
        var promises = section.Split('\n').Where(line => line.StartsWith("| ", StringComparison.Ordinal)).Skip(1).ToArray();
        Assert.True(promises.Length > 20);
        Repository.AssertNone("Promises without a rule or a test",
            promises.Where(line => !Rule().IsMatch(line) || !TestName().IsMatch(line)));
    }

    [Fact]
    public void Every_mutant_can_be_made_and_stands_in_the_document()
    {
        Assert.True(Mutants.Length >= 25, "There are at least 25 mutants.");
        Repository.AssertNone("Mutants whose code has moved on: mend tests/mutants.json",
            from mutant in Mutants
            where mutant.Edits.Length == 0 || mutant.Edits.Any(edit => Repository.Read(edit.File).Split(edit.Find).Length != 2)
            select mutant.Name);
        Repository.AssertNone("Mutants that change nothing, or more than one library",
            from mutant in Mutants
            where mutant.Edits.Any(edit => edit.Find == edit.Replace)
                || mutant.Edits.Select(edit => edit.File.Split('/')[1]).Distinct().Count() != 1
            select mutant.Name);
        Repository.AssertNone("Mutants whose test does not exist",
            Mutants.Where(mutant => !TestExists(mutant.Test)).Select(mutant => mutant.Name));
        Repository.AssertNone("Lines that specs/security.md lacks",
            Mutants.Select(Line).Where(line => !Text.Contains(line, StringComparison.Ordinal)));
        Assert.Equal(Mutants.Length, Mutants.Select(mutant => mutant.Name).Distinct().Count());
        Assert.Equal(Mutants.Length, Text.Split("## 4.")[1].Split('\n').Count(line => TestName().IsMatch(line)));
    }

    [Fact]
    public void Tags_and_secrets_are_compared_in_constant_time()
    {
        Repository.AssertNone("Compare by IChannelCrypto.MacEquals, or list here why the value is public",
            from file in SourceFile.Under("src/MsgNet.Core/Channel", "src/MsgNet.Core/Node", "src/MsgNet/Sodium", "src/MsgNet/OpenSsl")
            from call in file.Root.DescendantNodes().OfType<InvocationExpressionSyntax>()
            let name = (call.Expression as MemberAccessExpressionSyntax)?.Name.Identifier.Text
            where name is "SequenceEqual" or "StartsWith" or "EndsWith" or "SequenceCompareTo" or "IndexOf"
                && !PublicValues.Contains(call.ToString())
                && !call.ToString().StartsWith("Crypto.PublicKey.SequenceCompareTo(", StringComparison.Ordinal)
            select $"{file.At(call)}: {call}");
        var places = from file in SourceFile.Under("src")
                     from name in file.Root.DescendantNodes().OfType<IdentifierNameSyntax>()
                     where name.Identifier.Text == "FixedTimeEquals"
                     select file.Path;
        Assert.Contains("src/MsgNet/Sodium/SodiumChannelCrypto.cs", places);
    }

    private static string Line(Mutant mutant) => $"| {mutant.Name} | {mutant.Rule} | `{mutant.Test}` |";

    private static bool TestExists(string name)
    {
        var parts = name.Split('.');
        return parts.Length == 2 && SourceFile.Under("tests").Any(file =>
            (from type in file.Root.DescendantNodes().OfType<ClassDeclarationSyntax>()
             where type.Identifier.Text == parts[0]
             from method in type.Members.OfType<MethodDeclarationSyntax>()
             where method.Identifier.Text == parts[1]
             from list in method.AttributeLists
             from attribute in list.Attributes
             where attribute.Name.ToString() is { } kind
                 && (kind.EndsWith("Fact", StringComparison.Ordinal) || kind.EndsWith("Theory", StringComparison.Ordinal))
             select attribute).Any());
    }

    [GeneratedRegex(@"`[A-Za-z0-9]+Tests\.[A-Za-z0-9_]+`")]
    private static partial Regex TestName();

    [GeneratedRegex(@"\b(SEC|ID|MP|REC|REQ|MESSI|API)-\d{3}\b")]
    private static partial Regex Rule();

    private sealed record Edit(string File, string Find, string Replace);

    private sealed record Mutant(string Name, string Rule, Edit[] Edits, string Project, string Test);
}
