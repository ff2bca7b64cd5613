namespace MsgNet.Messi;

/// <summary>
/// The calls of one pair of request and response that wait for their answers, first-in first-out: nothing on the wire tells which answer
/// belongs to which request, so the order does. Made by generated code. Safe on any thread.
/// </summary>
/// <typeparam name="TResponse">The Protobuf message that answers.</typeparam>
public sealed class MessiCalls<TResponse>
    where TResponse : class
{
    internal MessiCalls()
    {
    }

    /// <summary>
    /// Gives an answer to the call that waits for longest. An answer to a call that was cancelled is dropped.
    /// </summary>
    /// <returns>False when no call waits: the answer is an ordinary message then.</returns>
    public bool TryComplete(TResponse response) => throw new NotImplementedException(response.ToString());
}
