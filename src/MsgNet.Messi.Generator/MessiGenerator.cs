using System.Text;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Text;
using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator;

/// <summary>Makes the client and the server of each class that bears <c>[MessiProtocol]</c>. Called by the compiler. MESSI-091.</summary>
[Generator(LanguageNames.CSharp)]
public sealed class MessiGenerator : IIncrementalGenerator
{
    /// <summary>The step that reads attributes, as tests find it.</summary>
    internal const string ReadingStep = "Reading";

    /// <summary>The step that keeps what code is generated from.</summary>
    internal const string ProtocolStep = "Protocol";

    private const string AttributeName = "MsgNet.Messi.MessiProtocolAttribute";

    /// <inheritdoc/>
    public void Initialize(IncrementalGeneratorInitializationContext context)
    {
        var readings = context.SyntaxProvider
            .ForAttributeWithMetadataName(AttributeName, static (node, _) => node is TypeDeclarationSyntax, ProtocolReader.Read)
            .WithTrackingName(ReadingStep);

        // MESSI-096: apart from one another, for an edit above the attribute moves complaints and touches no code.
        var protocols = readings.Select(static (reading, _) => reading.Protocol).WithTrackingName(ProtocolStep);
        context.RegisterSourceOutput(readings.SelectMany(static (reading, _) => reading.Complaints), Report);
        context.RegisterSourceOutput(protocols, Generate);
    }

    private static void Report(SourceProductionContext context, Complaint complaint) => context.ReportDiagnostic(complaint.ToDiagnostic());

    private static void Generate(SourceProductionContext context, MessiProtocol? protocol)
    {
        if (protocol is null)
            return;

        foreach (var file in MessiEmitter.Emit(protocol, MessiSide.Both))
        {
            // Classes of one name in two namespaces are two protocols.
            var name = protocol.Namespace.Length == 0 ? file.Name : $"{protocol.Namespace}.{file.Name}";
            context.AddSource(name, SourceText.From(file.Text, Encoding.UTF8));
        }
    }
}
