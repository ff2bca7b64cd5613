using MsgNet.Core;
using MsgNet.Testing;
using Xunit.Abstractions;

namespace MsgNet.Simulation.Tests.Attack;

/// <summary>
/// Floods as counts, at virtual rates: those who were there go on as if nothing happened, those who come get in, and what the flood is
/// given keeps to the rates of <see cref="Limits"/>.
/// </summary>
public sealed class FloodTests(ITestOutputHelper output)
{
    private static readonly TimeSpan RoundTrip = TimeSpan.FromMilliseconds(20);

    [Theory]
    [InlineData(FloodKind.Junk, 200_000)]
    [InlineData(FloodKind.TypedJunk, 100_000)]
    [InlineData(FloodKind.BadMac, 200_000)]
    [InlineData(FloodKind.GarbageHello, 8_000)]
    [InlineData(FloodKind.HelloFromOneAddress, 50_000)]
    [InlineData(FloodKind.HelloFromMany, 8_000)]
    [InlineData(FloodKind.UnknownIndex, 100_000)]
    [InlineData(FloodKind.ForgedData, 100_000)]
    [InlineData(FloodKind.Who, 100_000)]
    [InlineData(FloodKind.ForgedHint, 20_000)]
    [InlineData(FloodKind.ForgedRetry, 20_000)]
    [InlineData(FloodKind.ReplayedAck, 50_000)]
    [Covers("SEC-052", "SEC-053", "SEC-055", "SEC-065", "SEC-079", "SEC-081")]
    public void Friends_are_answered_newcomers_get_in_and_the_flood_keeps_to_its_rates(FloodKind kind, int perSecond)
    {
        const int seconds = 3;
        var siege = new Siege(kind, answersWho: true);
        siege.Run(perSecond, TimeSpan.FromSeconds(seconds));
        output.WriteLine(siege.ToString());
        Assert.True(siege.Violations.Count == 0, $"{siege}: {string.Join("; ", siege.Violations)}");
        Assert.InRange(siege.Answered, 300, int.MaxValue);
        Assert.InRange(siege.Slowest, RoundTrip, RoundTrip * 3);
        Assert.InRange(siege.SlowestDial, RoundTrip, TimeSpan.FromSeconds(3));
        Assert.Equal(4, siege.Rekeyed);
        CheckBounds(siege, seconds);
    }

    // At these rates not everybody who comes can have a cookie in time, or a token for it; but nobody who is inside notices.
    [Theory]
    [InlineData(FloodKind.HelloWithCookie, 4_000)]
    [InlineData(FloodKind.GarbageHello, 200_000)]
    [InlineData(FloodKind.HelloFromMany, 50_000)]
    [Covers("SEC-053", "SEC-065")]
    public void A_flood_beyond_every_rate_costs_no_more_than_one_within(FloodKind kind, int perSecond)
    {
        const int seconds = 3;
        var siege = new Siege(kind, answersWho: false);
        siege.Run(perSecond, TimeSpan.FromSeconds(seconds));
        output.WriteLine(siege.ToString());
        Assert.True(siege.Violations.Count == 0, $"{siege}: {string.Join("; ", siege.Violations)}");
        Assert.InRange(siege.Slowest, RoundTrip, RoundTrip * 3);
        Assert.Equal(4, siege.Rekeyed);
        CheckBounds(siege, seconds);
    }

    [Theory]
    [InlineData(FloodKind.Junk)]
    [InlineData(FloodKind.TypedJunk)]
    [InlineData(FloodKind.BadMac)]
    [InlineData(FloodKind.GarbageHello)]
    [InlineData(FloodKind.UnknownIndex)]
    [InlineData(FloodKind.ForgedData)]
    [InlineData(FloodKind.Who)]
    [Covers("SEC-005")]
    public void A_datagram_of_a_flood_allocates_nothing(FloodKind kind)
    {
        var siege = new Siege(kind, answersWho: true);
        siege.Run(1_000, TimeSpan.FromSeconds(1));
        siege.AssertAllocationFree(datagrams: 2_000);
    }

    private static void CheckBounds(Siege siege, int seconds)
    {
        // Two classes of addresses, each with its budget; a handshake takes four agreements. The target itself changes keys and dials.
        var handshakes = 2 * ((Limits.HandshakesPerSecond * seconds) + Limits.HandshakesBurst);
        Assert.True(siege.Agreements <= (4 * handshakes) + 200, $"{siege}");
        Assert.InRange(siege.Node.Counters.HalfOpenPeak, 0, Limits.HalfOpenMax);
        Assert.InRange(siege.Node.PeerCount, 0, Limits.PeersMax);
        AssertRate(siege, ChannelMessageType.Retry, (Limits.RetriesPerSecond * seconds) + Limits.RetriesBurst);
        AssertRate(siege, ChannelMessageType.Hint, (Limits.HintsPerSecondMax * seconds) + Limits.LooseRepliesMax);

        // A bucket of one second's IAMs is full at first.
        AssertRate(siege, ChannelMessageType.Iam, Limits.IamsPerSecondMax * (seconds + 1));
    }

    private static void AssertRate(Siege siege, ChannelMessageType type, double most) =>
        Assert.True(siege.Flood.Answered.GetValueOrDefault(type) <= most, $"{siege}");
}
