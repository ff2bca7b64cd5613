using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MsgNet.Messi.Generator.Tests;

/// <summary>An editor runs the generator at every keystroke: what did not change is not made again.</summary>
public sealed class IncrementalTests
{
    private const string Other = "class Other { int Count() => 1; }";
    private static readonly string Chat = Compilations.Protocol("Chat", "Chat.");

    public static TheoryData<string, string, string> UnrelatedEdits => new()
    {
        { "another file", Chat, "class Other { int Count() => 2; }" },
        { "a line above the attribute", "// Talk.\n" + Chat, Other },
        { "a member of the class", Chat.Replace("class Chat;", "class Chat { public int Rooms; }", StringComparison.Ordinal), Other },
    };

    [Theory]
    [MemberData(nameof(UnrelatedEdits))]
    [Covers("MESSI-096")]
    public void An_unrelated_edit_generates_nothing_again(string what, string chat, string other)
    {
        var before = Compilations.Of(Chat, Other);
        var driver = Compilations.Driver().RunGenerators(before);
        var trees = before.SyntaxTrees;
        var after = before.ReplaceSyntaxTree(trees[0], Compilations.Parse(chat, "0.cs"))
            .ReplaceSyntaxTree(trees[1], Compilations.Parse(other, "1.cs"));

        var result = driver.RunGenerators(after).GetRunResult().Results.Single();

        var steps = result.TrackedSteps[MessiGenerator.ReadingStep].Concat(result.TrackedSteps[MessiGenerator.ProtocolStep]);
        Assert.All(ReasonsOf(steps), reason => Assert.True(IsUnchanged(reason), $"{what}: {reason}"));
        var outputs = ReasonsOf(result.TrackedOutputSteps.SelectMany(step => step.Value)).ToArray();
        Assert.NotEmpty(outputs);
        Assert.All(outputs, reason => Assert.Equal(IncrementalStepRunReason.Cached, reason));
        Assert.Equal(4, result.GeneratedSources.Length);
    }

    [Fact]
    [Covers("MESSI-096")]
    public void A_line_above_a_faulty_attribute_moves_its_complaint_and_generates_nothing()
    {
        var faulty = Chat.Replace("partial ", "", StringComparison.Ordinal);
        var before = Compilations.Of(faulty);
        var driver = Compilations.Driver().RunGenerators(before);

        var moved = before.ReplaceSyntaxTree(before.SyntaxTrees[0], Compilations.Parse("// Talk.\n" + faulty, "0.cs"));
        var result = driver.RunGenerators(moved).GetRunResult().Results.Single();

        Assert.Equal(3, Assert.Single(result.Diagnostics).Location.GetLineSpan().StartLinePosition.Line);
        Assert.All(ReasonsOf(result.TrackedSteps[MessiGenerator.ProtocolStep]), reason => Assert.True(IsUnchanged(reason)));
    }

    [Theory]
    [InlineData("class Chat", "class Talk", "Generated.TalkClient.g.cs")]
    [InlineData("namespace Generated", "namespace Other", "Other.ChatClient.g.cs")]
    [InlineData("global::Chat.", "global::MyProtocol.", "Generated.ChatClient.g.cs")]
    public void A_related_edit_generates_anew(string old, string @new, string file)
    {
        var before = Compilations.Of(Chat);
        var driver = Compilations.Driver().RunGenerators(before);
        var edited = Chat.Replace(old, @new, StringComparison.Ordinal);

        var after = before.ReplaceSyntaxTree(before.SyntaxTrees[0], Compilations.Parse(edited, "0.cs"));
        var result = driver.RunGenerators(after).GetRunResult().Results.Single();

        Assert.Contains(IncrementalStepRunReason.Modified, ReasonsOf(result.TrackedOutputSteps.SelectMany(step => step.Value)));
        Assert.Equal(
            Compilations.Run(edited).GeneratedSources.Select(source => (source.HintName, source.SourceText.ToString())),
            result.GeneratedSources.Select(source => (source.HintName, source.SourceText.ToString())));
        Assert.Contains(file, result.GeneratedSources.Select(source => source.HintName));
    }

    /// <summary>A compilation that a step's value refers to would stay in the editor's memory until the next edit of that value.</summary>
    [Fact]
    [Covers("MESSI-096")]
    public void What_is_kept_between_runs_holds_no_symbol_and_no_syntax()
    {
        var result = Compilations.Run(Chat);
        var values = result.TrackedSteps[MessiGenerator.ReadingStep].SelectMany(step => step.Outputs).Select(output => output.Value);
        var seen = new HashSet<Type>();
        foreach (var value in values)
            Walk(value.GetType(), seen);

        Assert.Contains(typeof(MsgNet.Messi.Emitter.MessiMember), seen);
        Assert.DoesNotContain(seen, type => typeof(ISymbol).IsAssignableFrom(type)
            || typeof(SyntaxNode).IsAssignableFrom(type)
            || typeof(SyntaxTree).IsAssignableFrom(type)
            || typeof(Location).IsAssignableFrom(type)
            || typeof(Compilation).IsAssignableFrom(type)
            || type == typeof(object));
    }

    private static void Walk(Type type, HashSet<Type> seen)
    {
        if (!seen.Add(type) || type.IsPrimitive || type == typeof(string))
            return;

        const System.Reflection.BindingFlags Fields =
            System.Reflection.BindingFlags.Instance | System.Reflection.BindingFlags.NonPublic | System.Reflection.BindingFlags.Public;
        foreach (var field in type.GetFields(Fields).Where(field => field.FieldType != typeof(Type)))
            Walk(field.FieldType.GetElementType() ?? field.FieldType, seen);
    }

    private static IEnumerable<IncrementalStepRunReason> ReasonsOf(IEnumerable<IncrementalGeneratorRunStep> steps) =>
        steps.SelectMany(step => step.Outputs).Select(output => output.Reason);

    private static bool IsUnchanged(IncrementalStepRunReason reason) =>
        reason is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged;
}
