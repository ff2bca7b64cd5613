using Microsoft.CodeAnalysis;
using MsgNet.Messi.Emitter;

namespace MsgNet.Messi.Generator;

/// <summary>A fault, and the attribute it stands for.</summary>
internal sealed record Complaint(MessiFault Fault, Place Place)
{
    public Diagnostic ToDiagnostic() => Diagnostic.Create(MessiDiagnostics.Of(Fault.Kind), Place.ToLocation(), [.. Fault.Arguments]);
}
