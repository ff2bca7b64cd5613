namespace MsgNet.Cli;

/// <summary>Why nothing, or no more, was sent. CLI-043.</summary>
internal sealed record FailedLine(string Event, string Error, IReadOnlyList<AttemptLine> Attempts);
