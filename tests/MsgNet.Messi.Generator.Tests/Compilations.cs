using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MsgNet.Messi.Generator.Tests;

/// <summary>What a compiler does with the generator, in memory, against the assemblies that users have.</summary>
internal static class Compilations
{
    private static readonly CSharpParseOptions Options = new(LanguageVersion.CSharp13, DocumentationMode.Diagnose);

    private static readonly MetadataReference[] References =
    [
        .. ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator)
            .Select(file => MetadataReference.CreateFromFile(file)),
    ];

    public static SyntaxTree Parse(string source, string path) => CSharpSyntaxTree.ParseText(source, Options, path);

    /// <summary>The compilation of a library of these files, called 0.cs and so on.</summary>
    public static CSharpCompilation Of(params string[] sources) => CSharpCompilation.Create(
        "Library",
        sources.Select((source, index) => Parse(source, $"{index}.cs")),
        References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    /// <summary>A driver that remembers its steps.</summary>
    public static GeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new MessiGenerator().AsSourceGenerator()],
        parseOptions: Options,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>What is generated for a file, and what is said about it.</summary>
    public static GeneratorRunResult Run(string source) => Driver().RunGenerators(Of(source)).GetRunResult().Results.Single();

    /// <summary>The one line a user writes, for the messages that protoc has put into <paramref name="messages"/>.</summary>
    public static string Protocol(string name, string messages) => $"""
        namespace Generated;

        [MsgNet.Messi.MessiProtocol(typeof(global::{messages}ClientToServer), typeof(global::{messages}ServerToClient))]
        public partial class {name};
        """;
}
