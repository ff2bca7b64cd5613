namespace MsgNet.Core;

/// <summary>What the driver of a <see cref="MessiClientMachine"/> has to do now.</summary>
public enum MessiClientAction
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>Begin to connect; then call <see cref="MessiClientMachine.OnConnected"/> or
    /// <see cref="MessiClientMachine.OnConnectFailed(Instant)"/>.</summary>
    Connect,

    /// <summary>The attempt takes too long: cancel it; then call <see cref="MessiClientMachine.OnConnectFailed(Instant)"/>.</summary>
    CancelConnect,

    /// <summary>Send a ping, ahead of messages that wait.</summary>
    SendPing,

    /// <summary>Close the connection; <see cref="MessiClientMachine.LastReason"/> tells why.</summary>
    Close,
}
