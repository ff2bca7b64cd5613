using Microsoft.CodeAnalysis;
using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator;

/// <summary>The diagnostics of the generator.</summary>
internal static class MessiDiagnostics
{
    private static readonly Dictionary<MessiFaultKind, DiagnosticDescriptor> Descriptors =
        Enum.GetValues(typeof(MessiFaultKind)).Cast<MessiFaultKind>().ToDictionary(kind => kind, Describe);

    /// <summary>The descriptor of a fault.</summary>
    public static DiagnosticDescriptor Of(MessiFaultKind kind) => Descriptors[kind];

    private static DiagnosticDescriptor Describe(MessiFaultKind kind) => new(
        MessiFaults.Id(kind),
        MessiFaults.Title(kind),
        MessiFaults.Format(kind),
        "MsgNet.Messi",
        MessiFaults.IsNote(kind) ? DiagnosticSeverity.Info : DiagnosticSeverity.Error,
        isEnabledByDefault: true);
}
