using System.Reflection;
using System.Runtime.CompilerServices;
using MsgNet.Core;
using MsgNet.Messi;
using MsgNet.Simulation;
using MsgNet.Testing;

namespace MsgNet.Tidy.Tests;

/// <summary>What a user can see, written down: a change of it is a decision, not an accident.</summary>
public sealed class PublicApiTests
{
    private const string Accept = "MSGNET_ACCEPT_API";
    private static readonly string[] NamesOfDotNet = ["DisposeAsync", "MoveNextAsync", "StartAsync", "StopAsync"];

    /// <summary>The libraries that users get.</summary>
    internal static Assembly[] Assemblies { get; } =
        [typeof(Instant).Assembly, typeof(IMessageHost).Assembly, typeof(IMessiClient).Assembly, typeof(SeededRandom).Assembly];

    public static TheoryData<string> AssemblyNames => [.. Assemblies.Select(assembly => assembly.GetName().Name!)];

    [Theory]
    [MemberData(nameof(AssemblyNames))]
    public void The_public_surface_is_the_one_written_down(string name)
    {
        var path = RepositoryFiles.PathOf("tests", "MsgNet.Tidy.Tests", "PublicApi", name + ".txt");
        var actual = PublicApiText.Of(Assemblies.Single(assembly => assembly.GetName().Name == name));
        if (Environment.GetEnvironmentVariable(Accept) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.WriteAllLines(path, actual);
        }

        var expected = File.Exists(path) ? File.ReadAllLines(path) : [];
        var added = actual.Except(expected).Select(line => "+ " + line);
        var removed = expected.Except(actual).Select(line => "- " + line);
        var changes = added.Concat(removed).ToArray();
        Assert.True(changes.Length == 0,
            $"The public surface of {name} changed:\n{string.Join('\n', changes)}\n"
            + $"Accept it with: {Accept}=1 dotnet test -c Release tests/MsgNet.Tidy.Tests");
    }

    [Fact]
    public void Every_library_that_ships_is_watched()
        => Assert.Equal(
            Repository.TextFiles
                .Where(path => path.StartsWith("src/", StringComparison.Ordinal) && path.EndsWith(".csproj", StringComparison.Ordinal))
                .Where(path => !IsProgram(Repository.Read(path)))
                .Select(path => Path.GetFileNameWithoutExtension(path)!).Order(StringComparer.Ordinal),
            Assemblies.Select(assembly => assembly.GetName().Name!).Order(StringComparer.Ordinal));

    [Fact]
    public void No_optional_parameter_but_the_token()
        => Repository.AssertNone("Only a CancellationToken may be optional",
            from type in Assemblies.SelectMany(assembly => assembly.GetExportedTypes())
            from method in MembersOf(type).OfType<MethodBase>()
            from parameter in method.GetParameters()
            where parameter.IsOptional && !MayBeOptional(parameter)
            select $"{type}.{method.Name}({parameter.Name})");

    [Fact]
    public void No_name_ends_in_Async()
        => Repository.AssertNone("Names do not end in Async",
            from type in Assemblies.SelectMany(assembly => assembly.GetExportedTypes())
            from member in MembersOf(type)
            where member.Name.EndsWith("Async", StringComparison.Ordinal) && !NamesOfDotNet.Contains(member.Name)
            select $"{type}.{member.Name}");

    // Nobody compiles against the tool, nor against what runs in compilers.
    private static bool IsProgram(string project)
        => project.Contains("<PackAsTool>true", StringComparison.Ordinal)
            || project.Contains("<IsRoslynComponent>true", StringComparison.Ordinal);

    // A format and its provider are optional wherever .NET's own types parse and print; a caller's expression is the compiler's to give.
    private static bool MayBeOptional(ParameterInfo parameter)
        => parameter.ParameterType == typeof(CancellationToken)
            || parameter.ParameterType == typeof(IFormatProvider)
            || parameter is { Name: "format", Member.Name: "TryFormat" }
            || parameter.IsDefined(typeof(CallerArgumentExpressionAttribute));

    private static MemberInfo[] MembersOf(Type type)
        => type.GetMembers(BindingFlags.Public | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly);
}
