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

    // A sender that is left without an answer tries again after some round trips.
    private const int ArrivalRoundTrips = 5;

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
                var before = await Look(pair, relay);
                await Task.Delay(time);
                var after = await Look(pair, relay);
                await pair.Sender.Do(OrderKind.Stop);
                var last = await Arrival(pair, relay, 2 * link.Delay);
                return new Dictionary<Figure, double>([.. Rates(before, after), .. Totals(before, after, last)]);
            });
    }

    /// <summary>Waits until all that was sent has arrived, or none does any more; what happened since the last look.</summary>
    private static async Task<Sight> Arrival(Pair pair, Child relay, TimeSpan roundTrip)
    {
        var total = (await pair.Sender.Do(OrderKind.Mark)).Mark!.Messages;
        var received = -1L;
        while (true)
        {
            var now = (await pair.Receiver.Do(OrderKind.Mark)).Mark!.Messages;
            if (now == total || now == received)
                return await Look(pair, relay);

            received = now;
            await Task.Delay(ArrivalRoundTrips * roundTrip);
        }
    }

    private static async Task<Sight> Look(Pair pair, Child relay)
    {
        var sent = pair.Sender.Do(OrderKind.Mark);
        var received = pair.Receiver.Do(OrderKind.Mark);
        var relayed = await relay.Exchange("", Patience);
        return new Sight((await sent).Mark!, (await received).Mark!, JsonSerializer.Deserialize<RelayCounts>(relayed, Wire.Json)!);
    }

    private static IEnumerable<KeyValuePair<Figure, double>> Rates(Sight before, Sight after)
    {
        var sent = after.Sent.Since(before.Sent);
        var received = after.Received.Since(before.Received);
        var (forward, offered) = (after.Relayed.Forward, (double)Math.Max(1, after.Relayed.Forward.Offered));
        yield return new(Figure.Goodput, received.Messages * Size / received.Seconds);
        yield return new(Figure.QueueP99, forward.QueueP99Milliseconds);
        yield return new(Figure.QueueDropped, forward.QueueDropped / offered);
        yield return new(Figure.Overrun, after.Relayed.Overrun / offered);
        yield return new(Figure.RelayLateP99, Math.Max(forward.LateP99Milliseconds, after.Relayed.Back.LateP99Milliseconds));
        yield return new(Figure.SenderShare, sent.CpuSeconds / sent.Seconds);
        yield return new(Figure.ReceiverShare, received.CpuSeconds / received.Seconds);
        yield return new(Figure.RelayShare, after.Relayed.CpuSeconds / received.Seconds);
    }

    // Of the whole transfer: of a part of it, windows that grow make more of what is sent, and those stuck behind a loss less.
    private static IEnumerable<KeyValuePair<Figure, double>> Totals(params ReadOnlySpan<Sight> sights)
    {
        var offered = 0L;
        foreach (var sight in sights)
            offered += sight.Relayed.Forward.OfferedBytes;
        var received = sights[^1].Received.Messages;
        return received == 0 ? [] : [new(Figure.SentPerDelivered, (double)offered / (received * Size))];
    }

    /// <summary>What both ends have done until now, and the relay since the last look.</summary>
    private sealed record Sight(Mark Sent, Mark Received, RelayCounts Relayed);
}
