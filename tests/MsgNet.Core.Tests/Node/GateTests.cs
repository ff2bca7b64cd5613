using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>The order in which a HELLO is judged: each step with its counter, and nothing costly before its turn.</summary>
public sealed class GateTests : IDisposable
{
    private const int Strangers = Limits.HandshakesBurst / 2;
    private static readonly byte[] Forged = [.. Enumerable.Repeat((byte)7, 16)];
    private readonly Door door = new();
    private int lastNumber = 10_000;

    public void Dispose() => door.Dispose();

    [Fact]
    [Covers("SEC-024", "SEC-004", "SEC-005")]
    public void What_is_not_meant_for_this_node_costs_one_MAC()
    {
        var raw = door.Peer(1);
        var hello = door.Hello(raw);
        hello[HelloMessage.Mac1Offset] ^= 1;
        door.Crypto.Take();
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, hello));
        Assert.Equal(1, door.Crypto.Macs);
        Assert.Equal((0, 0, 0), door.Crypto.Take());
        Assert.Equal(1, door.Counters.Dropped(DropReason.BadMac));
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, hello[..152]));
        Assert.Equal(0, door.Crypto.Macs);
        Assert.Equal(1, door.Counters.Dropped(DropReason.Malformed));
    }

    [Fact]
    [Covers("SEC-025", "SEC-052", "SEC-015")]
    public void A_mac2_that_fits_no_cookie_gets_a_RETRY_before_anything_is_opened()
    {
        var raw = door.Peer(1);
        raw.Cookie = Forged;
        var hello = door.Hello(raw, "too soon");
        door.Crypto.Take();
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, hello));
        Assert.Equal((0, 0, 0), door.Crypto.Take());
        Assert.Equal(1, door.Counters.Dropped(DropReason.BadCookie));
        Assert.Equal(1, door.Counters.RetriesSent);
        Assert.Equal(0, door.Node.PeerCount);
        Assert.Equal(raw.Address, door.Sent[^1].To);
        Assert.Equal(64, door.Sent[^1].Datagram.Length);

        // What it brings opens for the sender of that HELLO, and for no other.
        using var other = door.Peer(2);
        door.Hello(other);
        other.Index = raw.Index;
        Assert.True(RetryMessage.TryParse(door.Sent[^1].Datagram, out var retry));
        Assert.ThrowsAny<Exception>(() => other.TakeRetry(door.Crypto.PublicKey, door.Sent[^1].Datagram));
        raw.TakeRetry(door.Crypto.PublicKey, door.Sent[^1].Datagram);
        Assert.Equal(raw.Index, retry.ReceiverIndex);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, "now")));
        Assert.Equal(["now"], door.Texts);
    }

    [Fact]
    [Covers("SEC-052", "SEC-025")]
    public void A_cookie_counts_for_its_address_its_time_and_its_life_of_the_node()
    {
        var raw = door.Peer(1);
        door.GiveCookie(raw);
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(Door.Address(2), door.Hello(raw)));
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(Door.Address(1, 5001), door.Hello(raw)));
        door.Pass(29);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
        door.Pass(2);
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, door.Hello(raw)));
        door.GiveCookie(raw);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
        door.Start();
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, door.Hello(raw)));
        Assert.Equal(1, door.Counters.Dropped(DropReason.BadCookie));
        Assert.Equal(0, door.Node.PeerCount);
    }

    [Fact]
    [Covers("SEC-025", "SEC-021")]
    public void A_cookie_glued_to_a_HELLO_that_was_made_without_it_does_not_open_it()
    {
        var raw = door.Peer(1);
        door.GiveCookie(raw);
        var cookie = raw.Cookie;
        raw.Cookie = [];
        var hello = door.Hello(raw, "glued");
        door.Crypto.Mac(cookie, hello.AsSpan(0, HelloMessage.Mac2Offset), hello.AsSpan(HelloMessage.Mac2Offset, 16));
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, hello));
        Assert.Equal(1, door.Counters.Dropped(DropReason.NotAuthentic));
        Assert.Empty(door.Texts);
    }

    [Fact]
    [Covers("SEC-054", "SEC-056", "SEC-001", "SEC-005")]
    public void Every_flipped_bit_of_a_HELLO_is_refused()
    {
        var raw = door.Peer(1);
        door.GiveCookie(raw);
        var hello = door.Hello(raw, "true");
        for (var bit = 0; bit < hello.Length * 8; bit++)
        {
            door.Now += TimeSpan.FromMilliseconds(10); // no rate is reached, but that of RETRYs by broken cookies
            var forged = (byte[])hello.Clone();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            var isMac2 = bit / 8 is >= HelloMessage.Mac2Offset and < HelloMessage.StaticOffset;
            var answer = door.Deliver(Door.Address(1, (ushort)raw.Address.Port), forged);
            Assert.True(answer == ChannelMessageType.None || (isMac2 && answer == ChannelMessageType.Retry), $"bit {bit}");
        }

        Assert.Equal((HelloMessage.StaticOffset - HelloMessage.Mac2Offset) * 8, door.Counters.Dropped(DropReason.BadCookie) - 1);
        Assert.True(door.Counters.Dropped(DropReason.NotAuthentic) > 400);
        Assert.Equal(0, door.Node.PeerCount);
        door.Pass(1);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, hello));
        Assert.Equal(["true"], door.Texts);
    }

    [Fact]
    [Covers("SEC-053", "SEC-052")]
    public void Half_of_the_budget_is_for_those_who_hold_a_cookie()
    {
        var holder = door.Peer(1);
        door.GiveCookie(holder);
        for (var i = 0; i < Strangers; i++)
            Assert.Equal(ChannelMessageType.Ack, Knock());
        door.Crypto.Take();
        Assert.Equal(ChannelMessageType.Retry, Knock());
        Assert.Equal(1, door.Counters.Dropped(DropReason.NoBudget));
        Assert.Equal(ChannelMessageType.Retry, Knock());
        Assert.Equal(1, door.Counters.Dropped(DropReason.UnderLoad));
        Assert.Equal((0, 0, 0), door.Crypto.Take());
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(holder, door.Hello(holder)));

        // Under load for a second, however much budget there is.
        door.Pass(0.99);
        Assert.Equal(ChannelMessageType.Retry, Knock());
        door.Pass(0.02);
        Assert.Equal(ChannelMessageType.Ack, Knock());
    }

    [Fact]
    [Covers("SEC-053", "SEC-051")]
    public void Who_holds_a_cookie_spends_the_rest_of_the_budget_and_no_more()
    {
        var holders = Enumerable.Range(1, Limits.HandshakesBurst + 1).Select(number => door.Peer(number)).ToArray();
        foreach (var holder in holders)
            door.GiveCookie(holder);
        foreach (var holder in holders[..^1])
            Assert.Equal(ChannelMessageType.Ack, door.Deliver(holder, door.Hello(holder)));
        door.Crypto.Take();
        var last = holders[^1];
        var hello = door.Hello(last);
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(last, hello));
        Assert.Equal(1, door.Counters.Dropped(DropReason.NoBudget));
        Assert.Equal((0, 0, 0), door.Crypto.Take());

        // A repeated HELLO costs nothing and is answered from store, budget or not.
        var again = door.Peer(500);
        door.GiveCookie(again);
        door.Now += TimeSpan.FromMilliseconds(2);
        var answered = door.Hello(again);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(again, answered));
        door.Crypto.Take();
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(again, answered));
        Assert.Equal((0, 0, 0), door.Crypto.Take());
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(last, door.Hello(last)));
    }

    [Fact]
    [Covers("SEC-053")]
    public void Known_addresses_have_a_budget_of_their_own()
    {
        var known = door.Confirmed(1);
        door.Pass(2);
        for (var i = 0; i <= Strangers; i++)
            Knock();
        Assert.Equal(ChannelMessageType.Retry, Knock());
        for (var i = 0; i < Strangers; i++)
        {
            // The port is not part of it: a NAT may have chosen another.
            var moved = Door.Address(1, (ushort)(6_000 + i));
            Assert.Equal(ChannelMessageType.Ack, door.Deliver(moved, door.Hello(known)));
        }

        Assert.Equal(ChannelMessageType.Retry, door.Deliver(known, door.Hello(known)));
        Assert.Equal(2, door.Counters.Dropped(DropReason.NoBudget));

        // Nobody is there any more: a stranger's address again.
        Assert.True(door.Node.TryFindPeer(known.Id, out var peer));
        door.Node.Close(door.Now, peer, CloseCode.Done, new NodeEvents());
        door.Settle(default);
        Assert.False(door.Node.HasPeerAt(known.Address));
    }

    [Fact]
    [Covers("SEC-052")]
    public void More_than_512_half_open_handshakes_are_load()
    {
        for (var i = 0; i <= Limits.HalfOpenCalm; i++)
        {
            door.Now += TimeSpan.FromMilliseconds(4);
            Assert.Equal(ChannelMessageType.Ack, Knock());
        }

        Assert.Equal(ChannelMessageType.Retry, Knock());
        Assert.Equal(1, door.Counters.Dropped(DropReason.UnderLoad));
        Assert.Equal(Limits.HalfOpenCalm + 1, door.Counters.HalfOpenPeak);
        door.Pass(11);
        Assert.Equal(ChannelMessageType.Ack, Knock());
    }

    [Fact]
    [Covers("SEC-055", "SEC-054")]
    public void An_address_with_a_cookie_is_held_to_its_rate_after_S_is_opened_and_before_ss()
    {
        var raw = door.Peer(1);
        door.GiveCookie(raw);
        for (var i = 0; i < Limits.HellosPerAddressBurst; i++)
            Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
        door.Crypto.Take();
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, door.Hello(raw)));
        Assert.Equal((1, 0, 0), door.Crypto.Take());
        Assert.Equal(1, door.Counters.Dropped(DropReason.AddressRate));

        // Another port is no other address; without a cookie anybody may have named this one.
        var samePlace = door.Peer(2, Door.Address(1, 5001));
        door.GiveCookie(samePlace);
        Assert.Equal(ChannelMessageType.None, door.Deliver(samePlace, door.Hello(samePlace)));
        samePlace.Cookie = [];
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(samePlace, door.Hello(samePlace)));
        var elsewhere = door.Peer(3);
        door.GiveCookie(elsewhere);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(elsewhere, door.Hello(elsewhere)));

        door.Now += TimeSpan.FromMilliseconds(50);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, door.Hello(raw)));

        // A HELLO whose S_i does not open is charged to nobody.
        door.Now += TimeSpan.FromMilliseconds(50);
        var damaged = door.Hello(raw);
        damaged[HelloMessage.StaticOffset] ^= 1;
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, damaged));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
    }

    [Fact]
    [Covers("SEC-065", "SEC-005")]
    public void RETRYs_keep_to_20_a_second_for_one_address_and_to_10_000_in_all()
    {
        var raw = door.Peer(1);
        raw.Cookie = Forged;
        for (var i = 0; i < Limits.RetriesPerAddressPerSecond; i++)
            Assert.Equal(ChannelMessageType.Retry, door.Deliver(Door.Address(1, (ushort)(i + 1)), door.Hello(raw)));
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, door.Hello(raw)));
        Assert.Equal(1, door.Counters.RetriesWithheld);
        door.Now += TimeSpan.FromMilliseconds(50);
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, door.Hello(raw)));
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, door.Hello(raw)));

        door.Pass(1);
        var before = door.Counters.RetriesSent;
        for (var i = 0; i < 2_000; i++)
            door.Deliver(Door.Address(100 + i), door.Hello(raw));
        Assert.Equal(Limits.RetriesBurst, door.Counters.RetriesSent - before);
        door.Now += TimeSpan.FromMilliseconds(10);
        for (var i = 0; i < 2_000; i++)
            door.Deliver(Door.Address(5_000 + i), door.Hello(raw));
        Assert.Equal(Limits.RetriesBurst + (Limits.RetriesPerSecond / 100), door.Counters.RetriesSent - before);
        Assert.Equal(door.Counters.RetriesSent, door.Retries);
        Assert.Equal(door.Counters.Dropped(DropReason.BadCookie), door.Counters.RetriesSent + door.Counters.RetriesWithheld);
    }

    [Fact]
    [Covers("SEC-081", "SEC-065")]
    public void A_RETRY_is_less_than_half_of_the_shortest_HELLO()
    {
        Assert.True(RetryMessage.Length * 2 < HelloMessage.Overhead);
        var raw = door.Peer(1);
        raw.Cookie = Forged;
        var hello = door.Hello(raw);
        Assert.Equal(HelloMessage.Overhead, hello.Length);
        door.Deliver(raw, hello);
        Assert.Equal(64, Assert.Single(door.Sent).Datagram.Length);
    }

    [Fact]
    [Covers("SEC-070", "SEC-041", "SEC-059")]
    public void The_image_that_answers_a_RETRY_is_answered_although_the_one_before_was_in_vain()
    {
        var raw = door.Peer(1);
        door.GiveCookie(raw);
        var cookie = raw.Cookie;
        raw.Cookie = [];
        var timestamp = door.Clock;
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp, "once"))); // lost
        raw.Cookie = cookie;
        var frames = RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, "once"u8));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, raw.Hello(door.Crypto.PublicKey, timestamp, frames)));
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer));
        Assert.Equal(1, peer.Sessions.Unconfirmed.Length);

        // Another attempt does not take the index, nor does anybody from a session that is confirmed.
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, TwinOf(raw).Hello(door.Crypto.PublicKey, timestamp + 1, frames)));
        door.Confirm(raw);
        Assert.True(peer.IsReady);
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, TwinOf(raw).Hello(door.Crypto.PublicKey, timestamp, frames)));
        Assert.Equal(2, door.Counters.Dropped(DropReason.TableFull));
        Assert.Equal(["once"], door.Texts);
        Assert.Equal(raw.Index, peer.Sessions.Current!.RemoteIndex);
    }

    // The same identity and index, another image.
    private RawPeer TwinOf(RawPeer raw)
    {
        var twin = door.Peer(1);
        twin.Index = raw.Index;
        twin.Cookie = raw.Cookie;
        return twin;
    }

    private ChannelMessageType Knock()
    {
        var raw = door.Peer(++lastNumber);
        return door.Deliver(raw, door.Hello(raw));
    }
}
