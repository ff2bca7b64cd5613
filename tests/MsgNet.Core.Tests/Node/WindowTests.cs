using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What tells a first packet that was sent just now from one that somebody recorded.</summary>
public class WindowTests
{
    private const ulong Second = 1_000_000;

    [Theory]
    [InlineData(0)]
    [InlineData(30.0)]
    [InlineData(-30.0)]
    [Covers("SEC-057", "SEC-064", "SEC-058")]
    public void Within_30_s_of_the_clock_a_first_packet_is_taken_at_once(double skew)
    {
        using var door = new Door();
        var raw = door.Peer(1);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, Skewed(door, skew), "at once")));
        Assert.Equal(["at once"], door.Texts);
    }

    [Theory]
    [InlineData(30.000001)]
    [InlineData(-30.000001)]
    [InlineData(3_600)]
    [InlineData(-3_600)]
    [InlineData(315_576_000)]
    [InlineData(-315_576_000)]
    [InlineData(-1_800_000_000)]
    [InlineData(9e12)]
    [Covers("SEC-057", "SEC-064")]
    public void A_clock_that_is_wrong_costs_one_round_trip_and_nothing_else(double skew)
    {
        using var door = new Door();
        var raw = door.Peer(1);
        var timestamp = Skewed(door, skew);
        door.Crypto.Take();
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, door.Hello(raw, timestamp, "first")));
        Assert.Equal((2, 1, 0), door.Crypto.Take());
        Assert.Equal(1, door.Counters.Dropped(DropReason.OutsideWindow));
        Assert.Empty(door.Texts);
        Assert.Equal(0, door.Node.PeerCount);
        raw.TakeRetry(door.Crypto.PublicKey, door.Sent[^1].Datagram);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp, "second")));
        Assert.Equal(["second"], door.Texts);
        door.Confirm(raw);
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer) && peer.IsReady);
    }

    [Fact]
    [Covers("SEC-057", "SEC-058")]
    public void A_node_whose_identity_had_an_earlier_life_takes_first_packets_of_30_s_after_its_start()
    {
        using var door = new Door(fresh: false);
        var started = door.Clock;
        var raw = door.Peer(1);
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, door.Hello(raw, "at the start")));
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, door.Hello(raw, started + (30 * Second) - 1, "just too old")));
        door.GiveCookie(raw);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, started, "with a cookie")));
        raw.Cookie = [];
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, started + (30 * Second), "young enough")));
        door.Pass(31);
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, door.Hello(raw, started + (29 * Second), "old and in the window")));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, "of today")));
        Assert.Equal(["with a cookie", "young enough", "of today"], door.Texts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(29)]
    [InlineData(31)]
    [InlineData(61)]
    [InlineData(121)]
    [Covers("SEC-057", "SEC-059", "SEC-061", "SEC-051")]
    public void A_recorded_first_packet_is_delivered_once_whenever_and_from_wherever_it_comes_again(double later)
    {
        foreach (var skew in new[] { -30.0, 0, 30 })
        {
            using var door = new Door();
            var raw = door.Peer(1);
            var plain = door.Hello(raw, Skewed(door, skew), "plain");
            Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, plain));
            var other = door.Peer(2);
            door.GiveCookie(other);
            var guarded = door.Hello(other, Skewed(door, skew), "guarded");
            Assert.Equal(ChannelMessageType.Ack, door.Deliver(other, guarded));

            // Nothing of the peers is remembered but what the node remembers of everybody.
            foreach (var peer in door.Node.Peers.ToArray())
                door.Node.Forget(peer);
            door.Pass(later);
            for (var round = 0; round < 10; round++)
            {
                door.Deliver(raw, plain);
                door.Deliver(other, guarded);
                door.Deliver(Door.Address(3), plain);
                door.Deliver(Door.Address(3), guarded);
            }

            Assert.Equal(["plain", "guarded"], door.Texts);
            Assert.Equal(0, door.Node.PeerCount);
        }
    }

    [Theory]
    [InlineData(230)]
    [InlineData(3_600)]
    [InlineData(315_576_000)]
    [Covers("SEC-069", "SEC-057")]
    public void An_image_of_a_clock_that_is_ahead_does_not_come_of_age(double skew)
    {
        using var door = new Door();
        var raw = door.Peer(1);
        var timestamp = Skewed(door, skew);
        var withoutCookie = door.Hello(raw, timestamp, "first flight");
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, withoutCookie));
        raw.TakeRetry(door.Crypto.PublicKey, door.Sent[^1].Datagram);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp, "first flight")));

        // All but the floor is forgotten when the image's time has come.
        door.Pass(200);
        foreach (var peer in door.Node.Peers.ToArray())
            door.Node.Forget(peer);
        door.Pass(skew - 220);
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, withoutCookie));
        Assert.Equal(["first flight"], door.Texts);

        // Those whose clock is right, and the peer itself when it is, are taken at once as before.
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(door.Peer(2), door.Hello(door.Peer(3), "of today")));
        raw.Cookie = [];
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp + 1, "younger")));
        Assert.Equal(["first flight", "of today", "younger"], door.Texts);
    }

    [Theory]
    [InlineData(-40)]
    [InlineData(0)]
    [InlineData(40)]
    [InlineData(3_600)]
    [Covers("SEC-050")]
    public void A_node_that_wants_a_cookie_always_takes_no_recording_over_a_restart_whatever_the_clocks_say(double skew)
    {
        using var door = new Door();
        door.Start(fresh: true, earlyNeedsCookie: true);
        var raw = door.Peer(1);
        var timestamp = Skewed(door, skew);
        var recorded = door.Hello(raw, timestamp, "first flight");
        door.Crypto.Take();
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, recorded));
        Assert.Equal((0, 0, 0), door.Crypto.Take());
        Assert.Equal(1, door.Counters.Dropped(DropReason.NoCookie));
        raw.TakeRetry(door.Crypto.PublicKey, door.Sent[^1].Datagram);
        var guarded = door.Hello(raw, timestamp, "first flight");
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, guarded));

        door.Pass(1);
        door.Start(fresh: false, earlyNeedsCookie: true);
        for (var passed = 1; passed < skew + 120; passed += 9)
        {
            door.Pass(9);
            Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, recorded));
            Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, guarded));
        }

        Assert.Equal(["first flight"], door.Texts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(29)]
    [InlineData(31)]
    [InlineData(61)]
    [Covers("SEC-057", "SEC-052")]
    public void A_restart_takes_nothing_again_that_an_earlier_life_took(double later)
    {
        foreach (var skew in new[] { -30.0, 0, 29.9 })
        {
            using var door = new Door();
            var raw = door.Peer(1);
            var plain = door.Hello(raw, Skewed(door, skew), "plain");
            door.Deliver(raw, plain);
            var other = door.Peer(2);
            door.GiveCookie(other);
            var guarded = door.Hello(other, Skewed(door, skew), "guarded");
            door.Deliver(other, guarded);
            door.Start();
            for (var second = 0; second <= later; second++)
            {
                door.Deliver(raw, plain);
                door.Deliver(other, guarded);
                door.Pass(1);
            }

            Assert.Equal(["plain", "guarded"], door.Texts);
            Assert.Equal(0, door.Node.PeerCount);
        }
    }

    [Fact]
    [Covers("SEC-123")]
    public void Offers_without_the_common_suite_or_below_both_ends_best_version_end_the_handshake()
    {
        Assert.False(ChannelOffers.AreCompatible(local: 0x11, remote: 0x11));
        Assert.False(ChannelOffers.AreCompatible(local: 0x21, remote: 0xF1));
        Assert.True(ChannelOffers.AreCompatible(local: 0x01, remote: 0xF1));
        Assert.True(ChannelOffers.AreCompatible(local: 0x11, remote: 0x01));
        using var door = new Door();
        var raw = door.Peer(1);
        raw.Offers = 0xF0;
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, door.Hello(raw, "no suite")));
        Assert.Equal(1, door.Counters.Dropped(DropReason.NotAuthentic));
        raw.Offers = 0xF3;
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, "newer")));
        Assert.Equal(["newer"], door.Texts);
    }

    private static ulong Skewed(Door door, double seconds) => (ulong)((long)door.Clock + (long)(seconds * Second));
}
