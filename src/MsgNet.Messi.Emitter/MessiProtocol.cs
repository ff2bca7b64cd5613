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
    /// <summary>What gives, once it runs, the package of the <c>.proto</c> file, after which streams of MsgNet are named.</summary>
    public string Package => $"{ClientToServer.Type}.Descriptor.File.Package";
}
