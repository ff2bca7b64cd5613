using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Measures;
using MsgNet.LoadBench.Reports;
using MsgNet.LoadBench.Results;
using MsgNet.Testing;

namespace MsgNet.LoadBench.Tests;

/// <summary>
/// A stored run gives the report that is stored beside it. A change that is meant is accepted with <c>MSGNET_ACCEPT_REPORT=1</c>.
/// </summary>
public sealed class ReportTests
{
    private const string Accept = "MSGNET_ACCEPT_REPORT";
    private static readonly string Stored = RepositoryFiles.PathOf("tests", "MsgNet.LoadBench.Tests", "Snapshots");
    private static readonly Quantity Ours = new(MeasureKind.OneWay, "ours", 32, "", Figure.Rate);
    private static readonly Quantity Theirs = new(MeasureKind.OneWay, "theirs", 32, "", Figure.Rate);
    private static readonly Goal Twice = new()
    {
        Work = "work", Unit = "× theirs", Quantity = Ours, Bar = Theirs, Reach = 2, Beyond = 3,
    };

    [Fact]
    public void A_stored_run_gives_the_stored_report()
    {
        var run = RunFile.Read(Path.Combine(Stored, "run.json"));
        var report = MarkdownReport.Head(run) + MarkdownReport.Write(run)
            + PlotData.Throughput(run) + PlotData.Latency(run) + PlotData.Goodput(run);
        var path = Path.Combine(Stored, "report.txt");
        if (Environment.GetEnvironmentVariable(Accept) is not null)
            File.WriteAllText(path, report);

        Assert.Equal(File.ReadAllText(path), report);
    }

    [Fact]
    public void What_is_written_is_what_is_read()
    {
        var run = RunOf((0, 1, 2), (1, 3, 4)) with { IsQuick = true };
        var path = Path.GetTempFileName();
        try
        {
            run.Write(path);
            var read = RunFile.Read(path);

            Assert.Equal(run.Machine, read.Machine);
            Assert.True(read.IsQuick);
            Assert.Equal(Ours.In(run), Ours.In(read));
            Assert.Equal(Theirs.In(run), Theirs.In(read));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Theory]
    [InlineData(10, 6, "**no**")]
    [InlineData(20, 10, "yes")]
    [InlineData(30, 10, "yes, beyond")]
    public void A_goal_is_reached_or_it_is_not(double ours, double theirs, string verdict)
        => Assert.Contains($"| {verdict} |", GoalTable.Write(RunOf((0, ours, theirs)), [Twice]));

    [Fact]
    public void A_ceiling_is_reached_from_below()
    {
        var ceiling = Twice with { IsCeiling = true, Beyond = null };

        Assert.Contains("| yes |", GoalTable.Write(RunOf((0, 19, 10)), [ceiling]));
        Assert.Contains("| **no** |", GoalTable.Write(RunOf((0, 21, 10)), [ceiling]));
    }

    [Fact]
    public void What_need_not_be_reached_is_beyond_or_it_is_not()
    {
        var wish = Twice with { Reach = null };

        Assert.Contains("| not beyond |", GoalTable.Write(RunOf((0, 1, 1)), [wish]));
        Assert.Contains("| yes, beyond |", GoalTable.Write(RunOf((0, 30, 10)), [wish]));
        Assert.DoesNotContain("beyond |", GoalTable.Write(RunOf((0, 30, 10)), [wish with { Beyond = null }]));
    }

    [Fact]
    public void What_was_not_measured_is_not_judged()
    {
        var without = RunOf() with { Samples = [Sample("ours", 0, 5)] };

        Assert.Contains("| not measured |", GoalTable.Write(without, [Twice]));
    }

    [Fact]
    public void The_median_of_the_ratios_is_judged()
        => Assert.Equal([1.0, 5.0, 2.5], Twice.ValuesIn(RunOf((0, 4, 4), (1, 10, 2), (2, 5, 2))));

    [Fact]
    public void Every_goal_speaks_of_somebody_who_takes_part_and_of_what_is_measured()
    {
        var names = Roster.All.Select(contestant => contestant.Name).ToHashSet();
        foreach (var quantity in Goals.All.SelectMany(goal => new[] { goal.Quantity, goal.Bar }).OfType<Quantity>())
        {
            switch (quantity.Kind)
            {
                case MeasureKind.OneWay or MeasureKind.RoundTrip:
                    Assert.Contains(quantity.Contestant, names);
                    Assert.Contains(quantity.Size, quantity.Kind == MeasureKind.OneWay ? Plan.Sizes : Plan.RoundTripSizes);
                    break;
                case MeasureKind.Link:
                    Assert.Contains(quantity.Contestant, names);
                    Assert.Contains(quantity.Setting, Links.Wide.Concat(Links.Narrow).Select(link => link.Name));
                    break;
                case MeasureKind.Peers:
                    Assert.Contains(quantity.Contestant, Roster.Crowds.Select(crowd => crowd.Name));
                    break;
                case MeasureKind.Memory:
                    Assert.Contains(quantity.Setting, Plan.Full.Sessions.Select(Plan.SessionsName));
                    break;
            }
        }
    }

    private static RunFile RunOf(params (int Round, double Ours, double Theirs)[] rounds) => new()
    {
        Date = "2026-01-02 03:04",
        Commit = "0123abc",
        Machine = new Machine("A processor", 2, "A system", "10.0.0", IsPinned: true, 0.5),
        Samples = [.. rounds.SelectMany(round => new[]
        {
            Sample("ours", round.Round, round.Ours), Sample("theirs", round.Round, round.Theirs),
        })],
    };

    private static Sample Sample(string who, int round, double rate) => new()
    {
        Kind = MeasureKind.OneWay,
        Contestant = who,
        Size = 32,
        Round = round,
        Figures = new Dictionary<Figure, double> { [Figure.Rate] = rate },
    };
}
