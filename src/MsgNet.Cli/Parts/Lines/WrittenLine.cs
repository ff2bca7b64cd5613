namespace MsgNet.Cli;

/// <summary>A file that was written. CLI-081.</summary>
internal sealed record WrittenLine(string Event, string File);
