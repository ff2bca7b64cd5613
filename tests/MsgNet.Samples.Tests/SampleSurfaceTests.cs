using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using MsgNet.Testing;

namespace MsgNet.Samples.Tests;

/// <summary>
/// A protocol built on MsgNet needs <see cref="IMessageHost"/> and a few values, and no more: what the samples' protocols use is held to a
/// list.
/// </summary>
public class SampleSurfaceTests
{
    // What IMessageHost's own members give and take, as far as a protocol may want it.
    private static readonly string[] Allowed =
    [
        "IMessageHost", "IMessageNetwork", "IPeerstore", "Message", "MessageHandler", "Multiaddress", "PeerId", "ProtocolId",
    ];

    private static readonly string Implicit = """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        """;

    [Theory]
    [InlineData("kademlia-lookup", "Lookup.cs")]
    [InlineData("flood-pubsub", "FloodPubSub.cs")]
    public void Protocols_need_only_the_message_host(string sample, string file)
    {
        var used = TypesUsed(File.ReadAllText(RepositoryFiles.PathOf("samples", sample, file)));
        Assert.Contains("IMessageHost", used);
        Assert.Empty(used.Except(Allowed));
    }

    [Fact]
    public void Other_types_of_MsgNet_are_noticed()
    {
        const string Source = """
            class Sample
            {
                void Run(MsgNet.IMessageHost host)
                {
                    _ = MsgNet.SendOptions.Reliable.Delivery;
                    MsgNet.MessageHostExtensions.SetMessageHandler(host, "/x", message => System.Console.WriteLine(message.From));
                }
            }
            """;
        Assert.Equal(["Delivery", "MessageHostExtensions", "SendOptions"], TypesUsed(Source).Except(Allowed).Order());
    }

    /// <summary>Names of all types of MsgNet that a file mentions, calls into or passes on.</summary>
    private static HashSet<string> TypesUsed(string source)
    {
        var tree = CSharpSyntaxTree.ParseText(source);
        var platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        var compilation = CSharpCompilation.Create(
            "Isolated",
            [tree, CSharpSyntaxTree.ParseText(Implicit)],
            platform.Select(file => MetadataReference.CreateFromFile(file)),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));
        Assert.Empty(compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error));

        var model = compilation.GetSemanticModel(tree);
        var used = new HashSet<string>();
        foreach (var node in tree.GetRoot().DescendantNodes().OfType<ExpressionSyntax>())
        {
            var symbol = model.GetSymbolInfo(node).Symbol;
            Note(symbol as ITypeSymbol);
            Note((symbol as IMethodSymbol)?.ReducedFrom?.ContainingType ?? symbol?.ContainingType);
            Note(model.GetTypeInfo(node).Type);
            Note(model.GetTypeInfo(node).ConvertedType);
        }

        return used;

        void Note(ITypeSymbol? type)
        {
            if (type is IArrayTypeSymbol array)
                Note(array.ElementType);
            foreach (var argument in (type as INamedTypeSymbol)?.TypeArguments ?? [])
                Note(argument);
            if (type?.ContainingAssembly?.Name.StartsWith("MsgNet", StringComparison.Ordinal) == true)
                used.Add(type.Name);
        }
    }
}
