namespace MsgNet.Messi.Emitter;

/// <summary>A protocol that code can be generated for.</summary>
/// <param name="Name">The class that stands for it, and what the generated classes' names begin with.</param>
/// <param name="Namespace">The namespace of the generated classes; empty for the global one.</param>
/// <param name="Accessibility"><c>public</c> or <c>internal</c>.</param>
/// <param name="ClientToServer">What clients send.</param>
/// <param name="ServerToClient">What servers send.</param>
internal sealed record MessiProtocol(
    string Name, string Namespace, string Accessibility, MessiDirection ClientToServer, MessiDirection ServerToClient)
{
    /// <summary>The class with its namespace, which means the same where a generated class has a member of that name.</summary>
    public string FullName => Namespace.Length == 0 ? $"global::{Name}" : $"global::{Namespace}.{Name}";
}
