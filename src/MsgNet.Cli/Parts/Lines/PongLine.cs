namespace MsgNet.Cli;

/// <summary>The answer to a ping. CLI-051.</summary>
internal sealed record PongLine(string Event, int Sequence, long RttMicroseconds);
