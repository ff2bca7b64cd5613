namespace MsgNet.Cli.Messi;

/// <summary>A <c>.proto</c> file that nothing can be made of; the message says why. CLI-084.</summary>
internal sealed class ProtoException(string message) : Exception(message);
