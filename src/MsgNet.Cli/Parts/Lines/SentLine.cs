namespace MsgNet.Cli;

/// <summary>What was sent. CLI-042.</summary>
internal sealed record SentLine(string Event, int Count, long Bytes, string Delivery, string Address);
