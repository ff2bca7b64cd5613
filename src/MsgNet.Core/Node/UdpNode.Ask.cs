namespace MsgNet.Core;

/// <content>WHO: who is at an address?</content>
public sealed partial class UdpNode
{
    private readonly Introductions introductions;

    /// <summary>
    /// Asks an address for the peer id of whoever is there. The answer, <see cref="NodeEventKind.Identified"/>, is not authenticated: only
    /// a handshake proves it. Without one, <see cref="NodeEventKind.NotIdentified"/> comes at the deadline.
    /// </summary>
    /// <param name="now">The moment.</param>
    /// <param name="address">The address.</param>
    /// <param name="state">Comes back in the event.</param>
    /// <param name="deadline">When to give up.</param>
    /// <returns>False when <see cref="Limits.QuestionsMax"/> questions are open.</returns>
    public bool TryAsk(Instant now, in NetAddress address, object state, Instant deadline)
    {
        ArgumentNullException.ThrowIfNull(state);
        return introductions.TryAsk(now, address, state, deadline);
    }

    /// <summary>Drops every question that was asked with this state; no event comes.</summary>
    public void CancelAsk(object state)
    {
        ArgumentNullException.ThrowIfNull(state);
        introductions.Cancel(state);
    }
}
