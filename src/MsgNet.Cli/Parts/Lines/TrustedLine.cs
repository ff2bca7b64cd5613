namespace MsgNet.Cli;

/// <summary>Who an address says it is, believed without proof. CLI-008.</summary>
internal sealed record TrustedLine(string Event, string PeerId, string Address);
