namespace MsgNet.Cli;

/// <summary>The reply to a request. CLI-044.</summary>
internal sealed record ReplyLine(string Event, int Bytes, string? Text, string? Base64, long RttMicroseconds);
