using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tidy.Tests;

/// <summary>Who may know whom, and what the core may know at all.</summary>
public sealed class ArrowTests
{
    /// <summary>Every project of src with the projects it may reference.</summary>
    private static readonly Dictionary<string, string[]> Projects = new()
    {
        ["MsgNet.Core"] = [],
        ["MsgNet"] = ["MsgNet.Core"],
        ["MsgNet.Simulation"] = ["MsgNet", "MsgNet.Core"],
        ["MsgNet.Cli"] = ["MsgNet", "MsgNet.Core", "MsgNet.Simulation"],
    };

    private static readonly string[] CorePackages = ["SimpleBase"];

    /// <summary>What pure code needs: memory, collections, text and numbers; nothing that waits, listens, or writes.</summary>
    private static readonly string[] CoreAssemblies = ["SimpleBase", "System.Runtime", "System.Memory", "System.Collections", "System.Linq"];

    private static readonly string[] CoreWords = ["async", "await", "Task", "ValueTask", "DateTime", "DateTimeOffset", "Monitor", "Lock"];

    [Fact]
    public void Projects_reference_only_what_they_may()
        => Repository.AssertNone("Project references follow the arrows",
            from path in Repository.TextFiles
            where path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal)
            let name = Path.GetFileNameWithoutExtension(path)
            from reference in Items(path, "ProjectReference").Select(Path.GetFileNameWithoutExtension).DefaultIfEmpty(null)
            where !Projects.TryGetValue(name, out var allowed) || (reference is not null && !allowed.Contains(reference))
            select $"{name} → {reference ?? "(a project that has no place in the list)"}");

    [Fact]
    public void The_core_needs_one_pure_package()
        => Assert.Equal(CorePackages, Items("src/MsgNet.Core/MsgNet.Core.csproj", "PackageReference"));

    [Fact]
    public void The_core_is_compiled_against_pure_assemblies_only()
        => Repository.AssertNone("MsgNet.Core references an assembly that is not on the list",
            typeof(Instant).Assembly.GetReferencedAssemblies().Select(name => name.Name!).Except(CoreAssemblies));

    [Fact]
    public void The_core_has_no_locks_tasks_or_clocks()
        => Repository.AssertNone("MsgNet.Core contains no lock, task or clock",
            from file in SourceFile.Under("src/MsgNet.Core")
            from token in file.Root.DescendantTokens()
            where token.IsKind(SyntaxKind.LockKeyword) || (CoreWords.Contains(token.Text) && token.Parent is not MemberAccessExpressionSyntax)
            select $"{file.At(token)}: {token.Text}");

    private static IEnumerable<string> Items(string path, string item)
        => XDocument.Load(RepositoryFiles.PathOf(path)).Descendants(item).Select(element => element.Attribute("Include")!.Value.Replace('\\', '/'));
}
