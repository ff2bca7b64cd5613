using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MsgNet.Testing;

namespace MsgNet.Tidy.Tests;

/// <summary>What must be there, and what must not be left lying about.</summary>
public sealed partial class RepositoryTests
{
    private static readonly string[] Scripts =
        ["eng/demo.sh", "eng/test.sh", "eng/pack.sh", "eng/soak.sh", "eng/install.sh", "eng/msgnet", ".ci/run"];

    private static readonly string[] Documents =
        ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE", "specs/README.md", "bench/RESULTS.md"];

    /// <summary>Put together here, so that this file does not contain what it forbids.</summary>
    private static readonly string[] Leftovers =
        ["TO" + "DO", "FIX" + "ME", "HA" + "CK", "/wo" + "rk/", "shared/" + "design", "shared/" + "wire", "/tmp/" + "slot"];

    [Fact]
    public void Documents_exist()
        => Repository.AssertNone("Missing documents", Documents.Where(path => !File.Exists(RepositoryFiles.PathOf(path))));

    [Fact]
    public void Scripts_exist_and_are_executable()
        => Repository.AssertNone("Scripts that cannot be run", Scripts.Where(path => !IsExecutable(RepositoryFiles.PathOf(path))));

    [Fact]
    public void Nothing_is_left_for_later_or_points_outside()
        => Repository.AssertNone("Leftovers",
            from path in Repository.TextFiles
            where !path.StartsWith("specs/vectors/", StringComparison.Ordinal)
            from line in Repository.Read(path).Split('\n').Index()
            from word in Leftovers
            where line.Item.Contains(word, StringComparison.Ordinal)
            select $"{path}:{line.Index + 1}: {word}");

    [Fact]
    public void Documents_that_comments_name_exist()
    {
        var names = Repository.TextFiles.Where(path => path.EndsWith(".md", StringComparison.Ordinal)).Select(Path.GetFileName).ToHashSet();
        Repository.AssertNone("Comments name documents that do not exist",
            from file in SourceFile.Under("src", "bench", "samples")
            from comment in file.Comments()
            from Match name in DocumentName().Matches(comment.ToFullString())
            where !names.Contains(name.Value)
            select $"{file.At(comment.Token)}: {name.Value}");
    }

    [Fact]
    public void No_test_is_switched_off()
        => Repository.AssertNone("Tests with Skip",
            from file in SourceFile.Under("tests")
            from argument in file.Root.DescendantNodes().OfType<AttributeArgumentSyntax>()
            where argument.NameEquals?.Name.Identifier.Text == "Skip"
            select file.At(argument));

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = Repository.Read("MsgNet.sln").Replace('\\', '/');
        Repository.AssertNone("Projects outside the solution",
            from path in Repository.TextFiles
            where path.EndsWith(".csproj", StringComparison.Ordinal) && !solution.Contains(path, StringComparison.Ordinal)
            select path);
    }

    private static bool IsExecutable(string path)
        => File.Exists(path) && (OperatingSystem.IsWindows() || File.GetUnixFileMode(path).HasFlag(UnixFileMode.UserExecute));

    [GeneratedRegex(@"\b[\w-]+\.md\b")]
    private static partial Regex DocumentName();
}
