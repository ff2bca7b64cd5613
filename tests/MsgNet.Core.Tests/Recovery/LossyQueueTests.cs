using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Recovery;

/// <summary>How much queue may stand where packets are lost: REC-066 gives less room there.</summary>
public sealed class LossyQueueTests
{
    private const int Size = 1200;
    private const int PacketsPerRound = 100;
    private static readonly TimeSpan MinRoundTrip = TimeSpan.FromMilliseconds(4);
    private Instant now = Instant.FromMicroseconds(1_000_000);

    // The room is 5 ms, and min RTT / 4 + 1 ms = 2 ms in a round that lost more than 2 %.
    [Theory]
    [InlineData(7, 2, false)]
    [InlineData(7, 3, true)]
    [InlineData(5.9, 3, false)]
    [InlineData(9.5, 0, true)]
    [Covers("REC-066")]
    public void A_round_that_lost_more_than_2_percent_has_less_room(double roundTripMilliseconds, int lostOf100, bool isHeldBack)
    {
        var clean = new ModelController(Size);
        var lossy = new ModelController(Size);
        for (var round = 0; round < 60; round++)
        {
            // Startup ends, and the least round trip is known, before there is any queue.
            var (roundTrip, lost) = round < 20 ? (MinRoundTrip, 0) : (TimeSpan.FromMilliseconds(roundTripMilliseconds), lostOf100);
            Send(clean, round < 20 ? MinRoundTrip : TimeSpan.FromMilliseconds(5.9), lost);
            Send(lossy, roundTrip, lost);
            now += TimeSpan.FromMilliseconds(10);
        }

        // What both lost is the same: only the queue tells them apart.
        Assert.Equal(isHeldBack, lossy.Window < 0.8 * clean.Window);
    }

    // A round: its packets leave at once, and all reports come a round trip later.
    private void Send(ModelController model, TimeSpan roundTrip, int lost)
    {
        var packets = new SentPacket[PacketsPerRound];
        for (var i = 0; i < packets.Length; i++)
        {
            packets[i] = new SentPacket { SentAt = now, Bytes = Size, State = SentState.InFlight };
            model.OnSent(now, i * Size, ref packets[i]);
        }

        var at = now + roundTrip;
        for (var i = 0; i < packets.Length; i++)
        {
            if (i < lost)
            {
                model.OnLost(at, packets[i]);
                continue;
            }

            model.OnRoundTrip(at, roundTrip, roundTrip);
            model.OnDelivered(at, packets[i]);
        }

        model.OnReported(at, (PacketsPerRound - lost) * Size, 0);
    }
}
