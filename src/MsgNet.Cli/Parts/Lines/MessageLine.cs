namespace MsgNet.Cli;

/// <summary>A message that arrived. CLI-032.</summary>
internal sealed record MessageLine(
    string Event, string From, string Protocol, string Delivery, int Bytes, string? Text, string? Base64, bool Early);
