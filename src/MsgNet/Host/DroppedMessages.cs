namespace MsgNet;

/// <summary>What a consumer that ended left behind, to be told to its carriers on the scheduler.</summary>
internal sealed class DroppedMessages(HandlerReports reports, ICarrierInbox[] waiters) : IThreadPoolWorkItem
{
    private readonly List<RequestContext> requests = [];
    private readonly List<(ICarrierInbox Inbox, ulong Token)> deliveries = [];

    public void Add(QueuedMessage message)
    {
        if (message.Request is { } request)
            requests.Add(request);
        if (message.Inbox is { } inbox)
            deliveries.Add((inbox, message.Token));
        if (message is { Request: null, Inbox: null })
            reports.CountRemoved(); // API-066
    }

    /// <summary>Answers requests, so that nobody waits for a timeout; tells carriers; wakes who waited for room, to be refused.</summary>
    public void Execute()
    {
        foreach (var request in requests)
            request.TryAnswer(RequestStatus.ProtocolNotSupported, default);
        foreach (var (inbox, token) in deliveries)
            inbox.OnDropped(token);
        foreach (var inbox in waiters)
            inbox.OnRoom(reports.Protocol);
    }
}
