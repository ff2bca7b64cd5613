using System.Text.Json;
using System.Text.RegularExpressions;

namespace MsgNet.Tidy.Tests;

/// <summary>What specs/security.md promises has a test, and the mutants it lists can still be made.</summary>
public sealed partial class SecurityTests
{
    private const string Document = "specs/security.md";
    private static readonly string Text = Repository.Read(Document);
    private static readonly Mutant[] Mutants = JsonSerializer.Deserialize<Mutant[]>(
        Repository.Read("tests/mutants.json"), new JsonSerializerOptions { PropertyNameCaseInsensitive = true })!;

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var named = TestName().Matches(Text).Select(match => match.Value.Trim('`')).ToArray();
        Assert.True(named.Length > 20, "The promises name their tests as `SomeTests.Method`.");
        Repository.AssertNone("Tests named in specs/security.md that do not exist", named.Where(name => !TestExists(name)));
    }

    [Fact]
    public void Every_mutant_can_be_made_and_stands_in_the_document()
    {
        Assert.True(Mutants.Length >= 25, "There are at least 25 mutants.");
        Repository.AssertNone("Mutants whose code has moved on: mend tests/mutants.json",
            Mutants.Where(mutant => Repository.Read(mutant.File).Split(mutant.Find).Length != 2).Select(mutant => mutant.Name));
        Repository.AssertNone("Mutants whose test does not exist", Mutants.Where(mutant => !TestExists(mutant.Test)).Select(mutant => mutant.Name));
        Repository.AssertNone("Mutants that specs/security.md does not list as `| name | rule | ``test`` |`",
            Mutants.Where(mutant => !Text.Contains($"| {mutant.Name} | {mutant.Rule} | `{mutant.Test}` |", StringComparison.Ordinal))
                .Select(mutant => mutant.Name));
        Assert.Equal(Mutants.Length, Mutants.Select(mutant => mutant.Name).Distinct().Count());
    }

    private static bool TestExists(string name)
    {
        var parts = name.Split('.');
        return parts.Length == 2 && Repository.TextFiles.Any(path =>
            path.StartsWith("tests/", StringComparison.Ordinal)
            && path.EndsWith(".cs", StringComparison.Ordinal)
            && Repository.Read(path) is var code
            && Regex.IsMatch(code, $@"\bclass {Regex.Escape(parts[0])}\b")
            && Regex.IsMatch(code, $@"\[(Fact|Theory|[A-Za-z]*Fact)\b[\s\S]*\b(void|Task|ValueTask) {Regex.Escape(parts[1])}\("));
    }

    [GeneratedRegex(@"`[A-Za-z0-9]+Tests\.[A-Za-z0-9_]+`")]
    private static partial Regex TestName();

    private sealed record Mutant(string Name, string Rule, string File, string Find, string Replace, string Project, string Test);
}
