namespace MsgNet.Cli;

/// <summary>An address a host can be dialled at. CLI-031.</summary>
internal sealed record ListeningLine(string Event, string Address);
