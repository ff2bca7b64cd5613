namespace MsgNet.Cli;

/// <summary>One address that was tried, within a <see cref="FailedLine"/>. CLI-043.</summary>
internal sealed record AttemptLine(string Address, string Error);
