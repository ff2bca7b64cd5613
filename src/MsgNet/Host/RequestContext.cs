namespace MsgNet;

/// <summary>What a request needs to be answered exactly once. Safe on any thread.</summary>
internal sealed class RequestContext(IReplyTarget target, PeerId peer, ulong id)
{
    private int answered;

    /// <summary>What answers a message; null for one that is no request.</summary>
    public static RequestContext? For(in IncomingMessage message) =>
        message.ReplyTo is { } target ? new RequestContext(target, message.From, message.RequestId) : null;

    public bool IsOpen => Volatile.Read(ref answered) == 0;

    public int ReplySizeMax => target.ReplySizeMax;

    /// <summary>Sends the answer; false when there was one before.</summary>
    public bool TryAnswer(RequestStatus status, ReadOnlySpan<byte> data)
    {
        if (Interlocked.Exchange(ref answered, 1) != 0) // REQ-017
            return false;

        target.Reply(peer, id, status, data);
        return true;
    }
}
