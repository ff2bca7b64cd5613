namespace MsgNet.Cli;

/// <summary>The machine, not the peer, is in the way; the message says what to do.</summary>
internal sealed class EnvironmentException(string message, Exception? inner = null) : Exception(message, inner);
