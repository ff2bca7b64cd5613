using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
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
        ["MsgNet.Messi"] = ["MsgNet", "MsgNet.Core", "MsgNet.Messi.Generator"],
        ["MsgNet.Messi.Generator"] = [],
        ["MsgNet.Cli"] = ["MsgNet", "MsgNet.Core", "MsgNet.Simulation"],
    };

    private static readonly string[] CorePackages = ["SimpleBase"];

    /// <summary>What the compiled core may refer to; of the last four only the types below.</summary>
    private static readonly string[] CoreAssemblies =
    [
        "SimpleBase", "System.Runtime", "System.Memory", "System.Collections", "System.Linq", "System.Runtime.InteropServices",
        "System.Collections.Immutable", "System.Net.Primitives", "System.Security.Cryptography", "System.Threading",
    ];

    private static readonly string[] GuardedNamespaces =
        ["System.IO", "System.Net", "System.Diagnostics", "System.Security.Cryptography", "System.Threading", "System.Reflection"];

    /// <summary>
    /// Types of the guarded namespaces that have no effect outside their arguments: addresses as values, the hash of peer ids, comparison
    /// in constant time, atomic counting (several threads may seal), attributes.
    /// </summary>
    private static readonly string[] HarmlessTypes =
    [
        "System.Net.IPAddress", "System.Net.Sockets.AddressFamily", "System.Security.Cryptography.CryptographicOperations",
        "System.Security.Cryptography.SHA256", "System.Threading.Interlocked", "System.Threading.Volatile",
    ];

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
    public void The_core_refers_to_no_type_that_acts_on_the_world()
    {
        using var file = new PEReader(File.OpenRead(typeof(Instant).Assembly.Location));
        var metadata = file.GetMetadataReader();
        var names = from handle in metadata.TypeReferences
                    let type = metadata.GetTypeReference(handle)
                    let space = metadata.GetString(type.Namespace)
                    where GuardedNamespaces.Any(guarded => space == guarded || space.StartsWith(guarded + ".", StringComparison.Ordinal))
                    select $"{space}.{metadata.GetString(type.Name)}";
        Repository.AssertNone("MsgNet.Core refers to these types",
            names.Where(name => !HarmlessTypes.Contains(name) && !name.EndsWith("Attribute", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_core_has_no_locks_tasks_or_clocks()
        => Repository.AssertNone("MsgNet.Core contains no lock, task or clock",
            from file in SourceFile.Under("src/MsgNet.Core")
            from token in file.Root.DescendantTokens()
            where token.IsKind(SyntaxKind.LockKeyword) || CoreWords.Contains(token.Text)
            select $"{file.At(token)}: {token.Text}");

    private static IEnumerable<string> Items(string path, string item)
        => XDocument.Load(RepositoryFiles.PathOf(path)).Descendants(item)
            .Select(element => element.Attribute("Include")!.Value.Replace('\\', '/'));
}
