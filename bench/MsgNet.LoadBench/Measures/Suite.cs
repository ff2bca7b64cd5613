using System.Globalization;
using System.Text.Json;
using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Nodes;
using MsgNet.LoadBench.Processes;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Measures;

/// <summary>Runs a plan. Contestants take turns in each round, so that a slow moment of the machine hits them alike.</summary>
/// <param name="plan">What to run.</param>
/// <param name="progress">Told of every measurement as it is made.</param>
internal sealed class Suite(Plan plan, Action<string> progress)
{
    private static readonly TimeSpan MachinePatience = TimeSpan.FromMinutes(5);
    private readonly List<Sample> samples = [];
    private readonly HashSet<(MeasureKind, string)> reported = [];

    /// <summary>What was measured so far.</summary>
    public IReadOnlyList<Sample> Samples => samples;

    /// <summary>Runs it all.</summary>
    public async Task Run(CancellationToken interrupt)
    {
        await using var pairs = new Pairs();
        if (plan.Has(MeasureKind.OneWay))
            await Rounds(pairs, MeasureKind.OneWay, LoadKind.OneWay, Plan.Sizes, OneWay.Measure, interrupt);
        if (plan.Has(MeasureKind.RoundTrip))
            await Rounds(pairs, MeasureKind.RoundTrip, LoadKind.RoundTrip, Plan.RoundTripSizes, ThereAndBack.Measure, interrupt);
        if (plan.Has(MeasureKind.Link))
            await LinkRounds(pairs, interrupt);
        if (plan.Has(MeasureKind.Peers))
            await CrowdRounds(interrupt);
        if (plan.Has(MeasureKind.Handshakes))
            await MachineRounds(MeasureKind.Handshakes, plan.Rounds, NodesProcess.HandshakesRole, plan.Time.TotalSeconds * 2, "");
        foreach (var sessions in plan.Has(MeasureKind.Memory) ? plan.Sessions : [])
            await MachineRounds(MeasureKind.Memory, 1, NodesProcess.MemoryRole, sessions, Plan.SessionsName(sessions));
    }

    private async Task Rounds(
        Pairs pairs,
        MeasureKind kind,
        LoadKind load,
        int[] sizes,
        Func<Pair, IContestant, int, TimeSpan, TimeSpan, Task<Dictionary<Figure, double>>> measure,
        CancellationToken interrupt)
    {
        foreach (var size in sizes)
        {
            var contestants = Roster.All.Where(one => plan.Has(one.Name) && one.CanDo(new LoadWork(load, size))).ToArray();
            for (var round = 0; round < plan.Rounds; round++)
            {
                foreach (var contestant in contestants)
                {
                    interrupt.ThrowIfCancellationRequested();
                    var sample = new Sample { Kind = kind, Contestant = contestant.Name, Size = size, Round = round };
                    await Take(sample, contestant.Missing, async () =>
                    {
                        var pair = await pairs.Of(contestant);
                        return await measure(pair, contestant, size, pair.IsWarm ? plan.WarmUp : plan.FirstWarmUp, plan.Time);
                    });
                }
            }
        }
    }

    private async Task LinkRounds(Pairs pairs, CancellationToken interrupt)
    {
        var contestants = Roster.All.Where(one => one.IsForLinks && plan.Has(one.Name)).ToArray();
        foreach (var link in Links.Wide.Concat(Links.Narrow))
        {
            for (var round = 0; round < plan.RoundsOf(link); round++)
            {
                foreach (var contestant in contestants)
                {
                    interrupt.ThrowIfCancellationRequested();
                    var sample = new Sample
                    {
                        Kind = MeasureKind.Link, Contestant = contestant.Name, Size = Links.Size, Setting = link.Name, Round = round,
                    };
                    await Take(sample, contestant.Missing, async () => await Links.Measure(
                        await pairs.Of(contestant), contestant, link, seed: round, plan.WarmUpOf(link), plan.LinkTime));
                }
            }
        }
    }

    // Thousands of sessions are made anew each time: the pairs of the others have ended by then, or wait.
    private async Task CrowdRounds(CancellationToken interrupt)
    {
        await using var pairs = new Pairs();
        for (var round = 0; round < plan.Rounds; round++)
        {
            foreach (var contestant in Roster.Crowds.Where(crowd => plan.Has(crowd.Name)))
            {
                interrupt.ThrowIfCancellationRequested();
                var sample = new Sample { Kind = MeasureKind.Peers, Contestant = contestant.Name, Size = Plan.Sizes[0], Round = round };
                await Take(sample, contestant.Missing, async () =>
                {
                    var figures = await OneWay.Measure(await pairs.Of(contestant), contestant, sample.Size, plan.FirstWarmUp, plan.Time);

                    // What the host sends: it has nothing to do with how much of it the one socket of all peers takes.
                    figures[Figure.Rate] /= figures[Figure.Arrived];
                    return figures;
                });
            }
        }
    }

    private async Task MachineRounds(MeasureKind kind, int rounds, string role, double number, string setting)
    {
        for (var round = 0; round < rounds; round++)
        {
            var sample = new Sample { Kind = kind, Contestant = "MsgNet", Setting = setting, Round = round };
            await Take(sample, null, async () =>
            {
                await using var child = Child.Start(core: null, role, number.ToString(CultureInfo.InvariantCulture));
                return JsonSerializer.Deserialize<Dictionary<Figure, double>>(await child.Exchange("", MachinePatience), Wire.Json)!;
            });
        }
    }

    /// <summary>Makes a sample of what a measurement gives, or of why it gives nothing.</summary>
    private async Task Take(Sample sample, string? missing, Func<Task<Dictionary<Figure, double>>> measure)
    {
        if (missing is not null)
        {
            if (reported.Add((sample.Kind, sample.Contestant)))
                Add(sample with { Error = missing });
            return;
        }

        try
        {
            Add(sample with { Figures = await measure() });
        }
        catch (Exception error) when (error is not OperationCanceledException)
        {
            // Whatever it was, it is this row's: the others are measured all the same.
            Add(sample with { Error = error.Message });
        }
    }

    private void Add(Sample sample)
    {
        samples.Add(sample);
        var what = sample.Error ?? string.Join(", ", sample.Figures.Select(
            figure => string.Create(CultureInfo.InvariantCulture, $"{figure.Key} {figure.Value:G5}")));
        progress($"{sample.Kind} {sample.Contestant} {sample.Size} B {sample.Setting} #{sample.Round}: {what}");
    }
}
