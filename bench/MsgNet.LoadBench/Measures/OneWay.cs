using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Processes;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Measures;

/// <summary>Messages as fast as they go from one process to another.</summary>
internal static class OneWay
{
    /// <summary>Bytes allocated for a message that count as none: less than an object in 200 messages.</summary>
    public const double AllocatedMax = 0.1;

    // Windows and pools grow to the most that was ever under way, which takes longer than code takes to be compiled.
    private const int WarmUpTurnsMax = 6;
    private const long SteadyBytesMax = 16 * 1024;
    private const int AllocationTurnsMax = 5;

    /// <summary>Measures for a time, after as many warm-ups as it takes until one allocates nothing to speak of.</summary>
    public static Task<Dictionary<Figure, double>> Measure(
        Pair pair, IContestant contestant, int size, TimeSpan warmUp, TimeSpan time) => pair.With(
            contestant,
            new LoadWork(LoadKind.OneWay, size),
            Task.FromResult,
            async () =>
            {
                await pair.Sender.Do(OrderKind.Send);
                var before = await WarmUp(pair, warmUp);
                await Task.Delay(time);
                var after = await Marks(pair);
                var figures = Figures(after.Sent.Since(before.Sent), after.Received.Since(before.Received));
                await SettleAllocations(pair, figures, after, time);
                await pair.Sender.Do(OrderKind.Stop);
                return figures;
            });

    /// <summary>What both ends have done until now.</summary>
    public static async Task<(Mark Sent, Mark Received)> Marks(Pair pair)
    {
        var sent = pair.Sender.Do(OrderKind.Mark);
        var received = pair.Receiver.Do(OrderKind.Mark);
        return ((await sent).Mark!, (await received).Mark!);
    }

    private static async Task<(Mark Sent, Mark Received)> WarmUp(Pair pair, TimeSpan turn)
    {
        await Task.Delay(turn);
        var now = await Marks(pair);
        for (var turns = 1; turns < WarmUpTurnsMax; turns++)
        {
            var before = now;
            await Task.Delay(turn);
            now = await Marks(pair);
            if (Math.Max(now.Sent.Since(before.Sent).AllocatedBytes, now.Received.Since(before.Received).AllocatedBytes) <= SteadyBytesMax)
                break;
        }

        return now;
    }

    // What pools and windows still grow by is allocated once, what messages cost comes back in every turn: the least of some turns
    // counts. Rates and processor time stay those of the first.
    private static async Task SettleAllocations(
        Pair pair, Dictionary<Figure, double> figures, (Mark Sent, Mark Received) before, TimeSpan turn)
    {
        for (var turns = 1; turns < AllocationTurnsMax; turns++)
        {
            if (Math.Max(figures[Figure.SenderAllocated], figures[Figure.ReceiverAllocated]) <= AllocatedMax)
                return;

            await Task.Delay(turn);
            var now = await Marks(pair);
            var again = Figures(now.Sent.Since(before.Sent), now.Received.Since(before.Received));
            foreach (var figure in new[] { Figure.SenderAllocated, Figure.ReceiverAllocated })
                figures[figure] = Math.Min(figures[figure], again[figure]);
            before = now;
        }
    }

    private static Dictionary<Figure, double> Figures(Mark sent, Mark received)
    {
        if (sent.Messages == 0 || received.Messages == 0)
            throw new LoadException($"{sent.Messages} sent, {received.Messages} received");

        return new Dictionary<Figure, double>
        {
            [Figure.Rate] = received.Messages / received.Seconds,
            [Figure.Arrived] = received.Messages / received.Seconds / (sent.Messages / sent.Seconds),
            [Figure.SenderCpu] = sent.CpuSeconds * 1e9 / sent.Messages,
            [Figure.ReceiverCpu] = received.CpuSeconds * 1e9 / received.Messages,
            [Figure.SenderAllocated] = (double)sent.AllocatedBytes / sent.Messages,
            [Figure.ReceiverAllocated] = (double)received.AllocatedBytes / received.Messages,
        };
    }
}
