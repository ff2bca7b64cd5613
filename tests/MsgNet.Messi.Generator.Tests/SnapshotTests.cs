using Microsoft.CodeAnalysis;
using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator.Tests;

/// <summary>
/// What is generated, written down. The command line is held to the same files, so both read a protocol alike. Accepted with
/// <c>MSGNET_ACCEPT_GENERATED=1</c>.
/// </summary>
public sealed class SnapshotTests
{
    private const string Accept = "MSGNET_ACCEPT_GENERATED";

    /// <summary>Classes, and the namespaces of their messages.</summary>
    public static TheoryData<string, string> Protocols => new()
    {
        { "Chat", "Chat." },
        { "MyProtocol", "MyProtocol." },
        { "OddNames", "Odd.Names2Go.V1X." },
        { "NoPackage", "" },
    };

    [Theory]
    [MemberData(nameof(Protocols))]
    [Covers("MESSI-091", "MESSI-092", "MESSI-093", "MESSI-094")]
    public void The_generated_files_are_those_written_down(string name, string messages)
    {
        var result = Compilations.Run(Compilations.Protocol(name, messages));
        Assert.Empty(result.Diagnostics);
        var files = result.GeneratedSources.ToDictionary(
            source => source.HintName["Generated.".Length..], source => Snapshots.WithoutVersion(source.SourceText.ToString()));

        if (Environment.GetEnvironmentVariable(Accept) == "1")
            Snapshots.Write(name, files);
        var expected = Snapshots.Read(name);
        Assert.Equal(expected.Keys.Order(StringComparer.Ordinal), files.Keys.Order(StringComparer.Ordinal));
        foreach (var (file, text) in files)
            Assert.True(expected[file] == text, $"{file} is another; if that is meant, accept it with {Accept}=1:\n{text}");
    }

    [Theory]
    [MemberData(nameof(Protocols))]
    [Covers("MESSI-091")]
    public void The_generated_files_compile_without_a_warning(string name, string messages)
    {
        var source = Compilations.Protocol(name, messages);
        Compilations.Driver().RunGeneratorsAndUpdateCompilation(Compilations.Of(source), out var compilation, out _);

        // CS1591 of the user's own class: its documentation is in the generated part.
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity > DiagnosticSeverity.Hidden));
    }

    [Theory]
    [InlineData((int)MessiSide.Client, "TalkClient")]
    [InlineData((int)MessiSide.Server, "TalkConnection", "TalkServer")]
    [Covers("MESSI-092")]
    public void One_side_alone_compiles(int side, params string[] classes)
    {
        var step = Compilations.Run(Compilations.Protocol("Talk", "MyProtocol.")).TrackedSteps[MessiGenerator.ProtocolStep].Single();
        var protocol = (MessiProtocol)step.Outputs.Single().Value;
        var files = MessiEmitter.Emit(protocol, (MessiSide)side).ToArray();

        // As from the command line, without a class of the user's.
        var compilation = Compilations.Of([.. files.Select(file => file.Text)]);

        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity > DiagnosticSeverity.Hidden));
        Assert.Equal(["Talk.g.cs", .. classes.Select(name => name + ".g.cs")], files.Select(file => file.Name));
    }

    [Fact]
    public void A_class_without_a_namespace_and_an_internal_one_compile()
    {
        const string Source = """
            [MsgNet.Messi.MessiProtocol(typeof(Chat.ClientToServer), typeof(Chat.ServerToClient))]
            internal partial class Talk;
            """;
        Compilations.Driver().RunGeneratorsAndUpdateCompilation(Compilations.Of(Source), out var compilation, out _);

        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity > DiagnosticSeverity.Hidden));
        Assert.Equal(Accessibility.Internal, compilation.GetTypeByMetadataName("TalkServer")!.DeclaredAccessibility);
    }

    [Fact]
    public void Protocols_of_one_name_in_two_namespaces_do_not_meet()
    {
        const string Source = """
            namespace First
            {
                [MsgNet.Messi.MessiProtocol(typeof(Chat.ClientToServer), typeof(Chat.ServerToClient))]
                internal partial class Talk;
            }

            namespace Second
            {
                [MsgNet.Messi.MessiProtocol(typeof(MyProtocol.ClientToServer), typeof(MyProtocol.ServerToClient))]
                internal partial class Talk;
            }
            """;
        Compilations.Driver().RunGeneratorsAndUpdateCompilation(Compilations.Of(Source), out var compilation, out _);

        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity > DiagnosticSeverity.Hidden));
    }
}
