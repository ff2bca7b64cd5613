using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// The STOPs to one peer: each lane once, at most 100 in a second (LANE-013), and those that are lost ever more slowly (LANE-017). Not
/// thread-safe.
/// </summary>
internal sealed class LaneStops
{
    private const int Burst = 10;
    private const int LossesMax = 16; // a round trip of 20 µs doubled as often passes the longest wait

    private readonly Queue<ulong> order = new();
    private readonly Dictionary<ulong, Stop> due = [];
    private readonly Dictionary<ulong, Stop> underWay = [];
    private readonly Dictionary<ulong, (Stop Stop, Instant DueAt)> waiting = [];
    private readonly Queue<(ulong Lane, LaneEnd Reason)> later = new();
    private readonly List<ulong> ripe = [];
    private TokenBucket rate;
    private Instant nextWaiting = Instant.Never;

    /// <summary>When <see cref="Refresh"/> may find one that can go; <see cref="Instant.Never"/> when none waits.</summary>
    public Instant NextAt { get; private set; } = Instant.Never;

    /// <summary>One can go now.</summary>
    public bool IsDue { get; private set; }

    /// <summary>Anything is due or not known to have arrived.</summary>
    public bool IsEmpty => order.Count == 0 && underWay.Count == 0 && waiting.Count == 0;

    /// <summary>Wants a STOP for a lane; the first reason stands.</summary>
    public void Add(Instant now, ulong lane, LaneEnd reason)
    {
        var stop = waiting.Remove(lane, out var lost) ? lost.Stop : underWay.GetValueOrDefault(lane, new Stop(reason, 0));
        Enqueue(lane, stop);
        Refresh(now);
    }

    /// <summary>Wants a STOP as soon as the peer is reached; until then nothing is due.</summary>
    public void AddForLater(ulong lane, LaneEnd reason)
    {
        if (later.Count < Limits.LaneStopsMax)
            later.Enqueue((lane, reason));
    }

    /// <summary>What waits for the peer to be reached is due.</summary>
    public void OnReached(Instant now)
    {
        while (later.TryDequeue(out var wanted))
            Add(now, wanted.Lane, wanted.Reason);
    }

    /// <summary>Of what waits for the peer to be reached, only lanes that the owner of that side opened.</summary>
    public void KeepOnly(ulong side)
    {
        for (var i = later.Count; i > 0; i--)
        {
            var wanted = later.Dequeue();
            if ((wanted.Lane & 1) == side)
                later.Enqueue(wanted);
        }
    }

    /// <summary>The peer is gone for now: what it has not heard waits until it is reached.</summary>
    public void Defer()
    {
        while (order.TryDequeue(out var lane))
            AddForLater(lane, due[lane].Reason);
        foreach (var stop in underWay)
            AddForLater(stop.Key, stop.Value.Reason);
        foreach (var stop in waiting)
            AddForLater(stop.Key, stop.Value.Stop.Reason);
        due.Clear();
        underWay.Clear();
        waiting.Clear();
        IsDue = false;
        NextAt = nextWaiting = Instant.Never;
    }

    /// <summary>Asks the rate again, and what waits.</summary>
    public void Refresh(Instant now)
    {
        if (now >= nextWaiting)
            EndWaits(now);
        IsDue = order.Count > 0 && rate.Available(now, Limits.LaneStopsPerSecondMax, Burst) > 0;
        NextAt = order.Count == 0 ? nextWaiting
            : IsDue ? now
            : now + TimeSpan.FromSeconds(1.0 / Limits.LaneStopsPerSecondMax);
    }

    /// <summary>The next one, if the rate allows it.</summary>
    public bool TryPeek(Instant now, out ulong lane, out LaneEnd reason)
    {
        OnReached(now);
        Refresh(now);
        lane = IsDue ? order.Peek() : 0;
        reason = IsDue ? due[lane].Reason : default;
        return IsDue;
    }

    /// <summary>It was written.</summary>
    public void Take(Instant now)
    {
        rate.TryTake(now, Limits.LaneStopsPerSecondMax, Burst, 0);
        var lane = order.Dequeue();
        due.Remove(lane, out var stop);
        if (underWay.Count < Limits.LaneStopsMax)
            underWay[lane] = stop;
        Refresh(now);
    }

    /// <summary>One that may be written again because nobody knows that it arrived.</summary>
    public bool TryPeekUnderWay(out ulong lane, out LaneEnd reason)
    {
        foreach (var stop in underWay)
        {
            lane = stop.Key;
            reason = stop.Value.Reason;
            return true;
        }

        lane = 0;
        reason = default;
        return false;
    }

    /// <summary>What became of one; <paramref name="roundTrip"/> is the path's.</summary>
    public void OnOutcome(Instant now, ulong lane, bool arrived, TimeSpan roundTrip)
    {
        if (!underWay.Remove(lane, out var stop) || arrived || due.ContainsKey(lane))
            return;

        // LANE-017
        if (stop.Losses == 0)
        {
            Enqueue(lane, new Stop(stop.Reason, 1));
        }
        else if (waiting.Count < Limits.LaneStopsMax)
        {
            var wait = roundTrip * (1 << stop.Losses);
            var dueAt = now + (wait < Limits.LaneControlRepeatMax ? wait : Limits.LaneControlRepeatMax);
            waiting[lane] = (new Stop(stop.Reason, Math.Min(stop.Losses + 1, LossesMax)), dueAt);
            nextWaiting = Instant.Min(nextWaiting, dueAt);
        }

        Refresh(now);
    }

    private void Enqueue(ulong lane, Stop stop)
    {
        if (due.Count < Limits.LaneStopsMax && due.TryAdd(lane, stop))
            order.Enqueue(lane);
    }

    private void EndWaits(Instant now)
    {
        nextWaiting = Instant.Never;
        ripe.Clear();
        foreach (var (lane, wait) in waiting)
        {
            if (wait.DueAt <= now)
                ripe.Add(lane);
            else
                nextWaiting = Instant.Min(nextWaiting, wait.DueAt);
        }

        foreach (var lane in ripe)
        {
            waiting.Remove(lane, out var wait);
            Enqueue(lane, wait.Stop);
        }
    }

    private readonly record struct Stop(LaneEnd Reason, int Losses);
}
