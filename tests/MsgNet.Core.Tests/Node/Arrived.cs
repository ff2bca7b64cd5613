namespace MsgNet.Core.Tests.Node;

/// <summary>A message that was taken from a lane.</summary>
internal sealed record Arrived(Instant At, Lane Lane, byte[] Data, ulong RequestId, ulong Receipt, bool Early)
{
    public string Text => System.Text.Encoding.UTF8.GetString(Data);
}
