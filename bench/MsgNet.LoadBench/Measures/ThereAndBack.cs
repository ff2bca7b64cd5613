using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Processes;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Measures;

/// <summary>One message after the other to another process and back.</summary>
internal static class ThereAndBack
{
    /// <summary>Measures for a time, after a warm-up.</summary>
    public static Task<Dictionary<Figure, double>> Measure(
        Pair pair, IContestant contestant, int size, TimeSpan warmUp, TimeSpan time) => pair.With(
            contestant,
            new LoadWork(LoadKind.RoundTrip, size),
            Task.FromResult,
            async () =>
            {
                await pair.Sender.Do(new Order { Kind = OrderKind.Ask, Seconds = warmUp.TotalSeconds });
                var times = (await pair.Sender.Do(new Order { Kind = OrderKind.Ask, Seconds = time.TotalSeconds })).Times!;
                if (times.Count == 0)
                    throw new LoadException("no answer");

                return new Dictionary<Figure, double>
                {
                    [Figure.Rate] = times.Count / time.TotalSeconds,
                    [Figure.Median] = times.Median,
                    [Figure.P99] = times.P99,
                    [Figure.P999] = times.P999,
                };
            });
}
