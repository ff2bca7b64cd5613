namespace MsgNet.Core;

/// <summary>A binary heap of requests, ordered by their next send or by their deadline, that knows where each request stands.</summary>
internal sealed class RequestHeap(bool byDeadline)
{
    private readonly List<PendingRequest> items = [];

    public Instant First => items.Count == 0 ? Instant.Never : Key(items[0]);

    public PendingRequest Peek() => items[0];

    public bool Contains(PendingRequest request) =>
        Position(request) < items.Count && ReferenceEquals(items[Position(request)], request);

    public void Add(PendingRequest request)
    {
        items.Add(request);
        Place(request, items.Count - 1);
        Rise(items.Count - 1);
    }

    public void Remove(PendingRequest request)
    {
        var at = Position(request);
        Invariant.Check(Contains(request));
        var last = items[^1];
        items.RemoveAt(items.Count - 1);
        if (ReferenceEquals(last, request))
            return;

        Place(last, at);
        Update(last);
    }

    /// <summary>Restores the order after the key of <paramref name="request"/> changed.</summary>
    public void Update(PendingRequest request)
    {
        Rise(Position(request));
        Sink(Position(request));
    }

    private void Rise(int at)
    {
        var request = items[at];
        while (at > 0 && Key(request) < Key(items[(at - 1) / 2]))
        {
            Place(items[(at - 1) / 2], at);
            at = (at - 1) / 2;
        }

        Place(request, at);
    }

    private void Sink(int at)
    {
        var request = items[at];
        for (var child = (2 * at) + 1; child < items.Count; child = (2 * at) + 1)
        {
            if (child + 1 < items.Count && Key(items[child + 1]) < Key(items[child]))
                child++;
            if (Key(request) <= Key(items[child]))
                break;
            Place(items[child], at);
            at = child;
        }

        Place(request, at);
    }

    private void Place(PendingRequest request, int at)
    {
        items[at] = request;
        if (byDeadline)
            request.DeadlinePosition = at;
        else
            request.SendPosition = at;
    }

    private int Position(PendingRequest request) => byDeadline ? request.DeadlinePosition : request.SendPosition;

    private Instant Key(PendingRequest request) => byDeadline ? request.Deadline : request.NextSend;
}
