using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Processes;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Measures;

/// <summary>Messages as fast as they go from one process to another.</summary>
internal static class OneWay
{
    /// <summary>Measures for a time, after a warm-up.</summary>
    public static Task<Dictionary<Figure, double>> Measure(
        Pair pair, IContestant contestant, int size, TimeSpan warmUp, TimeSpan time) => pair.With(
            contestant,
            new LoadWork(LoadKind.OneWay, size),
            Task.FromResult,
            async () =>
            {
                await pair.Sender.Do(OrderKind.Send);
                await Task.Delay(warmUp);
                var (sentBefore, receivedBefore) = await Marks(pair);
                await Task.Delay(time);
                var (sentAfter, receivedAfter) = await Marks(pair);
                await pair.Sender.Do(OrderKind.Stop);
                return Figures(sentAfter.Since(sentBefore), receivedAfter.Since(receivedBefore));
            });

    /// <summary>What both ends have done until now.</summary>
    public static async Task<(Mark Sent, Mark Received)> Marks(Pair pair)
    {
        var sent = pair.Sender.Do(OrderKind.Mark);
        var received = pair.Receiver.Do(OrderKind.Mark);
        return ((await sent).Mark!, (await received).Mark!);
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
