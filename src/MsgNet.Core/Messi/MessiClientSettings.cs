namespace MsgNet.Core;

/// <summary>How one <see cref="MessiClientMachine"/> works.</summary>
public sealed record MessiClientSettings
{
    /// <summary>Time between pings, above zero. Deployed servers end a connection after 3 s without a ping.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = Limits.MessiKeepAliveInterval;

    /// <summary>How long one attempt to connect may take, above zero.</summary>
    public TimeSpan ConnectTimeout { get; init; } = Limits.MessiConnectTimeout;

    /// <summary>Longest wait before the first attempt after a connection that worked, above zero; it doubles with every one in
    /// vain.</summary>
    public TimeSpan ReconnectDelay { get; init; } = Limits.MessiReconnectDelay;

    /// <summary>What <see cref="ReconnectDelay"/> doubles to; not below it.</summary>
    public TimeSpan ReconnectDelayMax { get; init; } = Limits.MessiReconnectDelayMax;

    /// <summary>The carrier itself notices a dead peer, as streams of MsgNet do: no pings.</summary>
    public bool HasLiveness { get; init; }
}
