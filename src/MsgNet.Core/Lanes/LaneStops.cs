using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>The STOPs that are due to one peer: each lane once, at most 100 in a second (LANE-013). Not thread-safe.</summary>
internal sealed class LaneStops
{
    private const int Burst = 10;

    private readonly Queue<ulong> order = new();
    private readonly Dictionary<ulong, LaneEnd> due = [];
    private readonly Dictionary<ulong, LaneEnd> underWay = [];
    private readonly Queue<(ulong Lane, LaneEnd Reason)> later = new();
    private TokenBucket rate;

    /// <summary>The rate lets one go at this moment; <see cref="Instant.Never"/> when none is due.</summary>
    public Instant NextAt { get; private set; } = Instant.Never;

    /// <summary>One can go now.</summary>
    public bool IsDue { get; private set; }

    /// <summary>Anything is due or not known to have arrived.</summary>
    public bool IsEmpty => order.Count == 0 && underWay.Count == 0;

    /// <summary>Wants a STOP for a lane; the first reason stands.</summary>
    public void Add(Instant now, ulong lane, LaneEnd reason)
    {
        if (due.Count >= Limits.LaneStopsMax || !due.TryAdd(lane, underWay.GetValueOrDefault(lane, reason)))
            return;

        order.Enqueue(lane);
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
            AddForLater(lane, due[lane]);
        foreach (var stop in underWay)
            AddForLater(stop.Key, stop.Value);
        due.Clear();
        underWay.Clear();
        IsDue = false;
        NextAt = Instant.Never;
    }

    /// <summary>Asks the rate again.</summary>
    public void Refresh(Instant now)
    {
        IsDue = order.Count > 0 && rate.Available(now, Limits.LaneStopsPerSecondMax, Burst) > 0;
        NextAt = order.Count == 0 ? Instant.Never
            : IsDue ? now
            : now + TimeSpan.FromSeconds(1.0 / Limits.LaneStopsPerSecondMax);
    }

    /// <summary>The next one, if the rate allows it.</summary>
    public bool TryPeek(Instant now, out ulong lane, out LaneEnd reason)
    {
        OnReached(now);
        Refresh(now);
        lane = IsDue ? order.Peek() : 0;
        reason = IsDue ? due[lane] : default;
        return IsDue;
    }

    /// <summary>It was written.</summary>
    public void Take(Instant now)
    {
        rate.TryTake(now, Limits.LaneStopsPerSecondMax, Burst, 0);
        var lane = order.Dequeue();
        due.Remove(lane, out var reason);
        if (underWay.Count < Limits.LaneStopsMax)
            underWay[lane] = reason;
        Refresh(now);
    }

    /// <summary>One that may be written again because nobody knows that it arrived.</summary>
    public bool TryPeekUnderWay(out ulong lane, out LaneEnd reason)
    {
        foreach (var stop in underWay)
        {
            lane = stop.Key;
            reason = stop.Value;
            return true;
        }

        lane = 0;
        reason = default;
        return false;
    }

    /// <summary>What became of one.</summary>
    public void OnOutcome(Instant now, ulong lane, bool arrived)
    {
        if (underWay.Remove(lane, out var reason) && !arrived)
            Add(now, lane, reason);
    }
}
