using System.Globalization;
using System.Text.Json;
using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Processes;
using MsgNet.LoadBench.Relay;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Measures;

/// <summary>What gets through a link of delay, loss and perhaps a bottleneck: a relay between the two processes.</summary>
internal static class Links
{
    /// <summary>Bytes of a message: as large as fits a datagram.</summary>
    public const int Size = 1_200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Links without a bottleneck.</summary>
    public static IReadOnlyList<LinkSettings> Wide { get; } =
    [
        .. from delay in new[] { 20, 100 }
           from loss in new[] { 0, 0.01, 0.05, 0.1 }
           select new LinkSettings(TimeSpan.FromMilliseconds(delay), loss, 0),
    ];

    /// <summary>Links with a bottleneck.</summary>
    public static IReadOnlyList<LinkSettings> Narrow { get; } =
    [
        .. from loss in new[] { 0, 0.01, 0.05 } select new LinkSettings(TimeSpan.FromMilliseconds(20), loss, 100e6),
    ];

    /// <summary>Measures for a time, after a warm-up.</summary>
    public static async Task<Dictionary<Figure, double>> Measure(
        Pair pair, IContestant contestant, LinkSettings link, int seed, TimeSpan warmUp, TimeSpan time)
    {
        await using var relay = Child.Start(core: null, RelayProcess.Role);
        return await pair.With(
            contestant,
            new LoadWork(LoadKind.OneWay, Size),
            async target =>
            {
                var start = JsonSerializer.Serialize(new RelayStart(link, target.Port, seed), Wire.Json);
                return target with { Port = int.Parse(await relay.Exchange(start, Patience), CultureInfo.InvariantCulture) };
            },
            async () =>
            {
                await pair.Sender.Do(OrderKind.Send);
                await Task.Delay(warmUp);
                var before = await Take(pair, relay);
                await Task.Delay(time);
                var after = await Take(pair, relay);
                await pair.Sender.Do(OrderKind.Stop);
                return Figures(after.Received.Since(before.Received), after.Relayed);
            });
    }

    private static async Task<(Mark Received, RelayCounts Relayed)> Take(Pair pair, Child relay)
    {
        var received = pair.Receiver.Do(OrderKind.Mark);
        var relayed = await relay.Exchange("", Patience);
        return ((await received).Mark!, JsonSerializer.Deserialize<RelayCounts>(relayed, Wire.Json)!);
    }

    private static Dictionary<Figure, double> Figures(Mark received, RelayCounts relayed)
    {
        var bytes = (double)received.Messages * Size;
        var figures = new Dictionary<Figure, double>
        {
            [Figure.Goodput] = bytes / received.Seconds,
            [Figure.Overrun] = (double)relayed.Overrun / Math.Max(1, relayed.Forward.Offered),
        };
        if (received.Messages > 0)
            figures[Figure.SentPerDelivered] = relayed.Forward.OfferedBytes / bytes;
        figures[Figure.QueueP99] = relayed.Forward.QueueP99Milliseconds;
        figures[Figure.QueueDropped] = (double)relayed.Forward.QueueDropped / Math.Max(1, relayed.Forward.Offered);
        return figures;
    }
}
