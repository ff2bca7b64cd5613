namespace MsgNet.Messi.Emitter;

/// <summary>A generated file.</summary>
/// <param name="Name">Its name, such as <c>ChatClient.g.cs</c>.</param>
/// <param name="Text">Its text, with line feeds.</param>
internal sealed record GeneratedFile(string Name, string Text);
