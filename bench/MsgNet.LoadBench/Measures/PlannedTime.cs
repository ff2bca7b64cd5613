using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Measures;

/// <summary>How long a plan takes on a quiet machine, as far as that is known before.</summary>
internal static class PlannedTime
{
    // Opening and closing both ends, as measured.
    private static readonly TimeSpan Ends = TimeSpan.FromSeconds(0.4);

    // Starting the relay, and waiting until what was sent last has arrived, besides.
    private static readonly TimeSpan Relay = TimeSpan.FromSeconds(0.5);

    // Warm-ups until one allocates nothing: the first cannot be told from it.
    private const double WarmUps = 2;

    // Handshakes of both ends that fill a node for the measurement of its memory, one after the other.
    private const double SessionsPerSecond = 1_500;

    /// <summary>The time of all that the plan measures.</summary>
    public static TimeSpan Of(Plan plan) =>
        Rounds(plan, MeasureKind.OneWay, LoadKind.OneWay, Plan.Sizes, WarmUps)
        + Rounds(plan, MeasureKind.RoundTrip, LoadKind.RoundTrip, Plan.RoundTripSizes, warmUps: 1)
        + LinkRounds(plan)
        + Crowds(plan)
        + Machines(plan);

    private static TimeSpan Rounds(Plan plan, MeasureKind kind, LoadKind load, int[] sizes, double warmUps)
    {
        if (!plan.Has(kind))
            return TimeSpan.Zero;

        var ones = sizes.Sum(size => Roster.All.Count(one => IsIn(plan, one) && one.CanDo(new LoadWork(load, size)))) * plan.Rounds;
        var first = kind == MeasureKind.OneWay ? Roster.All.Count(one => IsIn(plan, one)) : 0;
        return (ones * ((warmUps * plan.WarmUp) + plan.Time + Ends)) + (first * warmUps * plan.FirstWarmUp);
    }

    private static TimeSpan LinkRounds(Plan plan)
    {
        if (!plan.Has(MeasureKind.Link))
            return TimeSpan.Zero;

        var contestants = Roster.All.Count(one => one.IsForLinks && IsIn(plan, one));
        var time = TimeSpan.Zero;
        foreach (var link in Links.Wide.Concat(Links.Narrow))
            time += plan.RoundsOf(link) * contestants * (plan.WarmUpOf(link) + plan.LinkTime + Ends + Relay);
        return time;
    }

    private static TimeSpan Crowds(Plan plan) => plan.Has(MeasureKind.Peers)
        ? plan.Rounds * Roster.Crowds.Count * ((WarmUps * plan.FirstWarmUp) + plan.Time + Ends + Relay)
        : TimeSpan.Zero;

    private static TimeSpan Machines(Plan plan)
    {
        var handshakes = plan.Has(MeasureKind.Handshakes) ? plan.Rounds * ((2 * plan.Time) + Ends) : TimeSpan.Zero;
        var sessions = plan.Has(MeasureKind.Memory) ? plan.Sessions.Sum() : 0;
        return handshakes + TimeSpan.FromSeconds(sessions / SessionsPerSecond);
    }

    private static bool IsIn(Plan plan, IContestant one) => one.Missing is null && plan.Has(one.Name);
}
