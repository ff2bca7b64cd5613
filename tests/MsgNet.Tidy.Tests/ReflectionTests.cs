using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tidy.Tests;

/// <summary>What the compiler and the trimmer can see is all there is: no code on the way of a message looks types up.</summary>
public sealed class ReflectionTests
{
    private static readonly string[] Guarded = ["System.Reflection", "System.Linq.Expressions", "Microsoft.CSharp", "System.Dynamic"];

    /// <summary>What may be used all the same, each with its reason.</summary>
    private static readonly Dictionary<string, string> Allowed = new()
    {
        ["MsgNet: System.Reflection.Assembly"] = "says for which assembly libsodium is found, once per process",
        ["MsgNet: System.Type.get_Assembly"] = "the same",
        ["MsgNet: System.Type.get_FullName"] = "names an exception to whoever collects metrics and traces",
        ["MsgNet: System.Activator.CreateInstance"] = "what the compiler makes of new T() for a Protobuf type; the trimmer knows it",
    };

    /// <summary>Members of System.Type that look nothing up: a type named in the code, and whether two are the same.</summary>
    private static readonly string[] TypeMembers = ["GetTypeFromHandle", "op_Equality", "op_Inequality"];

    private static readonly Assembly[] Assemblies =
        [typeof(Instant).Assembly, typeof(IMessageHost).Assembly, typeof(Messi.IMessiClient).Assembly];

    [Fact]
    public void Core_stack_and_Messi_use_no_reflection()
        => Repository.AssertNone("Reflection", Uses().Where(use => !Allowed.ContainsKey(use)));

    [Fact]
    public void What_is_allowed_is_used()
        => Repository.AssertNone("Allowances nobody needs", Allowed.Keys.Except(Uses()));

    [Fact]
    public void Reflection_is_noticed()
        => Assert.Contains("MsgNet.Tidy.Tests: System.Reflection.Assembly", UsesOf(typeof(ReflectionTests).Assembly));

    [Fact]
    public void Whatever_ships_is_analysed_for_trimming_and_native_compilation()
    {
        string[] switches =
        [
            "IsAotCompatible", "IsTrimmable", "EnableTrimAnalyzer", "EnableAotAnalyzer", "EnableSingleFileAnalyzer",
            "TreatWarningsAsErrors", "NoWarn", "WarningsNotAsErrors", "SuppressTrimAnalysisWarnings",
        ];
        Repository.AssertNone("Projects of src that change what Directory.Build.props decides",
            from path in Repository.TextFiles
            where path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal)
            from element in XDocument.Load(RepositoryFiles.PathOf(path)).Descendants()
            where switches.Contains(element.Name.LocalName)
            select $"{path}: {element.Name.LocalName}");
        Repository.AssertNone("Warnings of the trimmer that are silenced in the code",
            from file in SourceFile.Under("src")
            from word in new[] { "UnconditionalSuppressMessage", "warning disable IL" }
            where file.Text.Contains(word, StringComparison.Ordinal)
            select $"{file.Path}: {word}");
        Assert.All(
            Assemblies.Append(typeof(Simulation.SeededRandom).Assembly),
            assembly => Assert.Contains(
                assembly.GetCustomAttributes<AssemblyMetadataAttribute>(), data => data is { Key: "IsTrimmable", Value: "True" }));
    }

    private static IEnumerable<string> Uses() => Assemblies.SelectMany(UsesOf).Distinct();

    private static IEnumerable<string> UsesOf(Assembly assembly)
    {
        using var file = new PEReader(File.OpenRead(assembly.Location));
        var metadata = file.GetMetadataReader();
        var types = from handle in metadata.TypeReferences
                    let name = NameOf(metadata, handle)
                    where Guarded.Any(guarded => name.StartsWith(guarded + ".", StringComparison.Ordinal))
                    where !name.EndsWith("Attribute", StringComparison.Ordinal)
                    select name;
        var members = from handle in metadata.MemberReferences
                      let member = metadata.GetMemberReference(handle)
                      where member.Parent.Kind == HandleKind.TypeReference
                      let type = NameOf(metadata, (TypeReferenceHandle)member.Parent)
                      let name = metadata.GetString(member.Name)
                      where type == "System.Activator"
                          || (type == "System.Type" && !TypeMembers.Contains(name))
                          || (type == "System.Object" && name == "GetType")
                      select $"{type}.{name}";
        return [.. types.Concat(members).Select(use => $"{assembly.GetName().Name}: {use}")];
    }

    private static string NameOf(MetadataReader metadata, TypeReferenceHandle handle)
    {
        var type = metadata.GetTypeReference(handle);
        return $"{metadata.GetString(type.Namespace)}.{metadata.GetString(type.Name)}";
    }
}
