using MsgNet.LoadBench.Relay;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Measures;

/// <summary>What a run measures, and for how long.</summary>
internal sealed record Plan
{
    public static readonly int[] Sizes = [32, 256, 1200, 16_384];
    public static readonly int[] RoundTripSizes = [32, 1200];

    private static readonly TimeSpan LongDelay = TimeSpan.FromMilliseconds(50);

    /// <summary>The whole run: ten minutes on a quiet machine (<see cref="PlannedTime"/>).</summary>
    public static Plan Full { get; } = new()
    {
        Rounds = 3,
        FirstWarmUp = TimeSpan.FromSeconds(1),
        WarmUp = TimeSpan.FromSeconds(0.15),
        Time = TimeSpan.FromSeconds(0.4),
        LinkRounds = 2,
        LinkWarmUpRoundTrips = 20,
        LinkWarmUpMin = TimeSpan.FromSeconds(2),
        LinkTime = TimeSpan.FromSeconds(1.5),
        LongLinkRounds = 1,
        Sessions = [10_000, 100_000],
    };

    /// <summary>A smoke run: everything once, for a moment.</summary>
    public static Plan Quick { get; } = new()
    {
        Rounds = 1,
        FirstWarmUp = TimeSpan.FromSeconds(0.3),
        WarmUp = TimeSpan.FromSeconds(0.1),
        Time = TimeSpan.FromSeconds(0.2),
        LinkRounds = 1,
        LinkWarmUpRoundTrips = 10,
        LinkWarmUpMin = TimeSpan.Zero,
        LinkTime = TimeSpan.FromSeconds(0.5),
        LongLinkRounds = 0,
        Sessions = [1_000],
        IsQuick = true,
    };

    public required int Rounds { get; init; }

    /// <summary>Before the first measurement of a contestant, whose code is compiled meanwhile.</summary>
    public required TimeSpan FirstWarmUp { get; init; }

    /// <summary>Before every other.</summary>
    public required TimeSpan WarmUp { get; init; }

    /// <summary>How long one measurement of rates or round trips takes.</summary>
    public required TimeSpan Time { get; init; }

    /// <summary>Rounds of links.</summary>
    public required int LinkRounds { get; init; }

    /// <summary>Rounds of links with a long delay, which take longest.</summary>
    public required int LongLinkRounds { get; init; }

    /// <summary>Round trips before a link is measured: what a sender takes to find out how fast it may be.</summary>
    public required int LinkWarmUpRoundTrips { get; init; }

    /// <summary>How long that takes at least.</summary>
    public required TimeSpan LinkWarmUpMin { get; init; }

    /// <summary>How long one measurement of a link takes.</summary>
    public required TimeSpan LinkTime { get; init; }

    /// <summary>Idle sessions whose memory is measured.</summary>
    public required IReadOnlyList<int> Sessions { get; init; }

    public bool IsQuick { get; init; }

    /// <summary>Kinds to measure; all when there is none.</summary>
    public IReadOnlyCollection<MeasureKind> Kinds { get; init; } = [];

    /// <summary>Part of the names of contestants to measure; everybody when it is empty.</summary>
    public string Contestants { get; init; } = "";

    /// <summary>Part of the names of links to measure; all when it is empty.</summary>
    public string Links { get; init; } = "";

    /// <summary>How samples call a number of sessions.</summary>
    public static string SessionsName(int sessions) => $"{sessions} sessions";

    /// <summary>Before a link is measured.</summary>
    public TimeSpan WarmUpOf(LinkSettings link)
    {
        var warmUp = LinkWarmUpRoundTrips * 2 * link.Delay;
        return warmUp > LinkWarmUpMin ? warmUp : LinkWarmUpMin;
    }

    /// <summary>Rounds of a link.</summary>
    public int RoundsOf(LinkSettings link) =>
        !link.Name.Contains(Links, StringComparison.Ordinal) ? 0 : link.Delay > LongDelay ? LongLinkRounds : LinkRounds;

    public bool Has(MeasureKind kind) => Kinds.Count == 0 || Kinds.Contains(kind);

    public bool Has(string contestant) => contestant.Contains(Contestants, StringComparison.OrdinalIgnoreCase);
}
