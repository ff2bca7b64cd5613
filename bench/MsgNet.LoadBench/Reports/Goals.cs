using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Measures;
using MsgNet.LoadBench.Relay;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Reports;

/// <summary>The figures to reach.</summary>
internal static class Goals
{
    private static readonly string Unreliable = new MsgNetHosts(MsgNetForm.Unreliable).Name;
    private static readonly string Single = new MsgNetHosts(MsgNetForm.Single).Name;
    private static readonly string Ordered = new MsgNetHosts(MsgNetForm.Ordered).Name;
    private static readonly string Spinning = new MsgNetHosts(MsgNetForm.Spinning).Name;
    private static readonly string Sleeping = new MsgNetHosts(MsgNetForm.Sleeping).Name;
    private static readonly string Request = new MsgNetHosts(MsgNetForm.Request).Name;
    private static readonly string EnetReliable = new Enet(isReliable: true).Name;
    private static readonly string EnetUnreliable = new Enet(isReliable: false).Name;
    private static readonly string Curve = new Zero(isSecret: true).Name;
    private static readonly string Tls = new StreamPipes(isSecret: true).Name;
    private static readonly string Raw = new DotnetUdp().Name;
    private static readonly string Floor = new FloorUdp(spins: false).Name;

    public static IReadOnlyList<Goal> All { get; } = [.. Rates(), .. Times(), .. Wide(), .. Narrow(), .. Allocations(), .. Others()];

    private static IEnumerable<Goal> Rates() =>
    [
        Rate("reliable ordered 32 B, one way", Ordered, 32, EnetReliable, "× ENet", 2, 3),
        Rate("reliable ordered 32 B, one way", Ordered, 32, Curve, "× ZeroMQ CURVE", 10, 18),
        Rate("reliable ordered 1200 B, one way", Ordered, 1200, EnetReliable, "× ENet", 3, 5),
        Rate("reliable ordered 1200 B, one way", Ordered, 1200, Tls, "× TLS 1.3", 0.9, 1.3),
        Rate("unreliable 32 B, coalesced", Unreliable, 32, EnetUnreliable, "× ENet unreliable", 2, 4),
        Rate("unreliable 32 B, one per datagram", Single, 32, Raw, "× raw .NET SendTo", 4, 6),
    ];

    private static IEnumerable<Goal> Times() =>
    [
        Time("round trip 32 B, unreliable, in place", Unreliable, Figure.Median, Floor, "× the floor's median", 1.5, null),
        Time("round trip 32 B, unreliable, in place", Unreliable, Figure.P99, Unreliable, "p99 / median", 3, null),
        Time("round trip 32 B, reliable ordered, in place", Ordered, Figure.Median, Floor, "× the floor's median", 1.5, null),
        Time("round trip 32 B, reliable ordered, in place", Ordered, Figure.P99, Ordered, "p99 / median", 3, null),
        Time("round trip 32 B, unreliable, in place, sleeping", Sleeping, Figure.Median, Floor, "× the floor's median", null, null),
        Time("round trip 32 B, await Request", Request, Figure.Median, Floor, "× the floor's median", null, null),
        new Goal
        {
            Work = "round trip 32 B, unreliable, in place, spinning",
            Unit = "µs",
            Quantity = new Quantity(MeasureKind.RoundTrip, Spinning, 32, "", Figure.Median),
            IsCeiling = true,
            Beyond = 2.6,
        },
    ];

    private static IEnumerable<Goal> Allocations() =>
        from contestant in new[] { Unreliable, Ordered }
        from size in Plan.Sizes
        from figure in new[] { Figure.SenderAllocated, Figure.ReceiverAllocated }
        select new Goal
        {
            Work = $"{contestant}, {size} B, one way",
            Unit = figure == Figure.SenderAllocated ? "B allocated by the sender" : "B allocated by the receiver",
            Quantity = new Quantity(MeasureKind.OneWay, contestant, size, "", figure),
            IsCeiling = true,
            Reach = OneWay.AllocatedMax,
        };

    private static IEnumerable<Goal> Wide()
    {
        var bounds = new[] { (75, 100), (60, 90), (45, 80), (35, 70) };
        foreach (var (link, (reach, beyond)) in Links.Wide.Where(link => link.Delay == TimeSpan.FromMilliseconds(20)).Zip(bounds))
        {
            yield return Through(link, Figure.Goodput, "MB/s", 1e-6) with { Reach = reach, Beyond = beyond };
            yield return Through(link, Figure.SentPerDelivered, "bytes sent per byte delivered", 1) with
            {
                IsCeiling = true, Beyond = 1.05 / (1 - link.Loss),
            };
        }
    }

    private static IEnumerable<Goal> Narrow()
    {
        var bounds = new[] { (93, 95), (88, 93), (75, 88) };
        foreach (var (link, (reach, beyond)) in Links.Narrow.Zip(bounds))
        {
            var percent = 100 * 8 / link.BitsPerSecond;
            yield return Through(link, Figure.Goodput, "% of the link", percent) with { Reach = reach, Beyond = beyond };
            yield return Through(link, Figure.QueueP99, "ms in the queue, p99", 1) with { IsCeiling = true, Beyond = 10 };
        }
    }

    private static IEnumerable<Goal> Others()
    {
        yield return new Goal
        {
            Work = "handshakes on two cores, budget lifted",
            Unit = "per second",
            Quantity = new Quantity(MeasureKind.Handshakes, "MsgNet", 0, "", Figure.Rate),
            Reach = 2_000,
        };
        foreach (var figure in new[] { Figure.ManagedBytes, Figure.ResidentBytes })
        {
            yield return new Goal
            {
                Work = $"idle session, of {Plan.Full.Sessions[^1]}",
                Unit = figure == Figure.ManagedBytes ? "bytes, managed" : "bytes, resident",
                Quantity = new Quantity(MeasureKind.Memory, "MsgNet", 0, Plan.SessionsName(Plan.Full.Sessions[^1]), figure),
                IsCeiling = true,
                Reach = 4_096,
            };
        }

        foreach (var crowd in Roster.Crowds.Skip(1))
        {
            yield return new Goal
            {
                Work = "many peers, one message a datagram",
                Unit = $"messages/s sent, {crowd.Name} / 1 peer",
                Quantity = new Quantity(MeasureKind.Peers, crowd.Name, 32, "", Figure.Rate),
                Bar = new Quantity(MeasureKind.Peers, Roster.Crowds[0].Name, 32, "", Figure.Rate),
                Reach = 0.75,
            };
        }
    }

    private static Goal Through(LinkSettings link, Figure figure, string unit, double scale) => new()
    {
        Work = $"reliable ordered 1200 B, {link.Name}",
        Unit = unit,
        Quantity = new Quantity(MeasureKind.Link, Ordered, Links.Size, link.Name, figure),
        Scale = scale,
    };

    private static Goal Rate(string work, string ours, int size, string bar, string unit, double reach, double beyond) => new()
    {
        Work = work,
        Unit = unit,
        Quantity = new Quantity(MeasureKind.OneWay, ours, size, "", Figure.Rate),
        Bar = new Quantity(MeasureKind.OneWay, bar, size, "", Figure.Rate),
        Reach = reach,
        Beyond = beyond,
    };

    private static Goal Time(string work, string ours, Figure figure, string bar, string unit, double? reach, double? beyond) => new()
    {
        Work = work,
        Unit = unit,
        Quantity = new Quantity(MeasureKind.RoundTrip, ours, 32, "", figure),
        Bar = new Quantity(MeasureKind.RoundTrip, bar, 32, "", Figure.Median),
        IsCeiling = true,
        Reach = reach,
        Beyond = beyond,
    };
}
