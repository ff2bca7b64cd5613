namespace MsgNet.Cli;

/// <summary>A line somebody else wrote. CLI-053.</summary>
internal sealed record ChatLine(string Event, string From, string? Text, string? Base64);
