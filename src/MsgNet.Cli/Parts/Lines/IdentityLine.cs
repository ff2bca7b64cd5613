namespace MsgNet.Cli;

/// <summary>An identity. CLI-021, CLI-022.</summary>
internal sealed record IdentityLine(string PeerId, string Sid, string PublicKey);
