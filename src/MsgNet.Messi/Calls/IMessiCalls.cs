namespace MsgNet.Messi;

/// <summary>The calls of one pair, whatever its messages are.</summary>
internal interface IMessiCalls
{
    /// <summary>A call waits for its response; one that was cancelled counts.</summary>
    bool IsWaiting { get; }

    /// <summary>The connection has ended: no answer comes to any that waits.</summary>
    void Fail(MessiException exception);
}
