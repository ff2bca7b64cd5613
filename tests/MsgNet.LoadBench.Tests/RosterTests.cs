using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Contestants.Native;

namespace MsgNet.LoadBench.Tests;

/// <summary>Everybody who takes part carries messages, one way and there and back.</summary>
public sealed class RosterTests
{
    private const int Enough = 100;

    public static TheoryData<string, int> OneWay => Cases(LoadKind.OneWay);

    public static TheoryData<string, int> RoundTrips => Cases(LoadKind.RoundTrip);

    [Fact]
    public void Names_are_unique()
        => Assert.Equal(Roster.All.Count, Roster.All.Select(contestant => contestant.Name).Distinct().Count());

    [Fact]
    public void Who_is_not_there_is_told()
        => Assert.Contains("nobody", Assert.Throws<ArgumentException>(() => Roster.Find("nobody")).Message);

    [Fact]
    public void A_library_that_is_not_there_is_named_by_its_package()
        => Assert.Equal("not installed (libnothing1)", NativeLibraries.WhyMissing("libnothing-of-this-name.so.1", "libnothing1"));

    [SkippableTheory]
    [MemberData(nameof(OneWay))]
    public async Task Messages_arrive(string name, int size)
    {
        var work = new LoadWork(LoadKind.OneWay, size);
        var contestant = Take(name);
        await using var listener = await contestant.Listen(work);
        await using var caller = await contestant.Connect(work, listener.Target);
        using var stop = new CancellationTokenSource();

        var sending = Task.Factory.StartNew(
            () => caller.Send(stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        await Arrived(listener);
        await stop.CancelAsync();
        await sending;

        Assert.True(caller.Sent >= Enough);
    }

    [SkippableTheory]
    [MemberData(nameof(RoundTrips))]
    public async Task Messages_come_back(string name, int size)
    {
        var work = new LoadWork(LoadKind.RoundTrip, size);
        var contestant = Take(name);
        await using var listener = await contestant.Listen(work);
        await using var caller = await contestant.Connect(work, listener.Target);
        using var stop = new CancellationTokenSource();
        var times = new Contestants.RoundTrips();

        var asking = Task.Factory.StartNew(
            () => caller.Ask(times, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default).Unwrap();
        await Arrived(listener);
        await stop.CancelAsync();
        await asking;

        Assert.True(times.Count >= Enough - 1);
        Assert.True(times.QuantileMicroseconds(0.5) > 0);
    }

    private static TheoryData<string, int> Cases(LoadKind kind)
    {
        var cases = new TheoryData<string, int>();
        foreach (var size in new[] { 32, 16_384 })
        {
            foreach (var contestant in Roster.All.Where(one => one.CanDo(new LoadWork(kind, size))))
                cases.Add(contestant.Name, size);
        }

        return cases;
    }

    private static IContestant Take(string name)
    {
        var contestant = Roster.Find(name);
        Skip.If(contestant.Missing is not null, $"{name}: {contestant.Missing}");
        return contestant;
    }

    private static async Task Arrived(IListener listener)
    {
        while (listener.Received < Enough)
            await Task.Delay(1);
    }
}
