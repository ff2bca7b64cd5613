namespace MsgNet;

/// <summary>
/// A session over the sealed channel, by datagrams or by a lane, as the endpoints see it. Every member is called under the gate.
/// </summary>
internal interface IUdpSession : ICarrierSession
{
    /// <summary>Takes the peer's messages instead of the host's handlers; null when they do.</summary>
    HandlerQueue? Consumer { get; }

    /// <summary>Nothing waits here to leave, or to be acknowledged where that is waited for.</summary>
    bool IsDrained { get; }

    /// <summary>Something changed that may have made room.</summary>
    void OnRoom();

    /// <summary>The peer refused the session's protocol for datagrams.</summary>
    void OnProtocolRefused();

    /// <summary>Ends the session; without a reason it was closed here.</summary>
    void End(Exception? why);
}
