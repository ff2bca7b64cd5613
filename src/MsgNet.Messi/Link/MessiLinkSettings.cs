namespace MsgNet.Messi;

/// <summary>What all connections of a client or server have in common.</summary>
internal sealed record MessiLinkSettings(
    int MessageSizeMax, int SendQueueMax, int ReceiveQueueMax, TimeSpan StopTimeout, TimeProvider TimeProvider, MessiMeter Meter);
