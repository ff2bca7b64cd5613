using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Requests of one channel that wait for their replies, at most <see cref="Limits.OpenIdsMax"/>. Every member is called under the gate.
/// </summary>
internal sealed class MemoryRequests(MemorySocket socket)
{
    private readonly Dictionary<ulong, (RequestWaiter Waiter, Instant Deadline)> open = [];
    private ulong lastId;

    public bool IsFull => open.Count >= Limits.OpenIdsMax;

    public bool TryAdd(RequestWaiter waiter, Instant deadline)
    {
        if (IsFull)
            return false;

        waiter.Id = ++lastId;
        open.Add(waiter.Id, (waiter, deadline));
        socket.WatchDeadline(deadline);
        return true;
    }

    /// <summary>Forgets a request; null when it is not open.</summary>
    public RequestWaiter? Remove(ulong id)
    {
        var wasFull = IsFull;
        if (!open.Remove(id, out var entry))
            return null;

        if (wasFull)
            socket.OnRoom();
        return entry.Waiter;
    }

    public void FailAll(Exception error)
    {
        foreach (var (waiter, _) in open.Values)
            waiter.Fail(error);
        open.Clear();
    }

    /// <summary>Fails what is due; returns the next deadline.</summary>
    public Instant FailDue(Instant now)
    {
        var next = Instant.Never;
        foreach (var (id, (waiter, deadline)) in open.ToArray())
        {
            if (deadline <= now)
            {
                Remove(id);
                waiter.FailTimedOut();
            }
            else
            {
                next = Instant.Min(next, deadline);
            }
        }

        return next;
    }
}
