using System.Text;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Which EARLY packets a responder delivers, and that it does so once.</summary>
public sealed class EarlyReceiverTests : IDisposable
{
    private readonly Door door = new();

    private int Expected => door.Node.EarlyPackets.Count;

    public void Dispose() => door.Dispose();

    [Fact]
    [Covers("SEC-066", "SEC-074", "SEC-017", "SEC-023")]
    public void What_follows_an_accepted_HELLO_is_delivered_once_and_marked()
    {
        var raw = Knock("first");
        var packets = new[] { raw.Early(Says("a")), raw.Early(Says("b")), raw.Early(Says("c")) };
        foreach (var at in new[] { 2, 0, 1, 1, 0, 2 })
            door.Deliver(raw, packets[at]);

        Assert.Equal(["first", "c", "a", "b"], door.Texts);
        Assert.All(Messages, message => Assert.True(message.Early));
        Assert.Equal(3, door.Counters.EarlyReceived);
        Assert.Equal(3, door.Counters.Dropped(DropReason.Replayed));

        door.Confirm(raw);
        door.Deliver(raw, raw.Data(Says("data")));
        Assert.False(Messages.Last().Early);
    }

    [Fact]
    [Covers("SEC-066")]
    public void Without_its_HELLO_or_from_elsewhere_or_under_another_index_it_is_dropped()
    {
        var raw = door.Peer(1);
        var hello = door.Hello(raw);
        var early = raw.Early(Says("a"));
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, early));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, hello));

        door.Deliver(Door.Address(1, port: 5001), early);
        door.Deliver(Door.Address(2), early);
        door.Deliver(raw.Address with { LocalPort = 1 }, early);
        var other = (byte[])early.Clone();
        other[DataHeader.IndexOffset] ^= 1;
        door.Deliver(raw, other);
        Assert.Empty(door.Texts);
        Assert.Equal(5, door.Counters.Dropped(DropReason.UnknownIndex));

        door.Deliver(raw, early);
        Assert.Equal(["a"], door.Texts);
    }

    [Fact]
    [Covers("SEC-066", "SEC-017", "SEC-005")]
    public void Forgeries_and_other_layouts_are_dropped_and_leave_room_for_the_real_one()
    {
        var raw = Knock();
        var early = raw.Early(Says("a"));
        for (var bit = 0; bit < early.Length * 8; bit++)
        {
            var forged = (byte[])early.Clone();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            if (forged[0] == (byte)ChannelMessageType.Early)
                door.Deliver(raw, forged);
        }

        for (var length = 0; length < early.Length; length++)
            door.Deliver(raw, early[..length]);
        door.Deliver(raw, [.. early, 0]);
        door.Deliver(raw, [.. early, .. new byte[2_048 - early.Length]]);
        Assert.Empty(door.Texts);
        Assert.Equal(0, door.Counters.EarlyReceived);

        door.Deliver(raw, early);
        Assert.Equal(["a"], door.Texts);
    }

    [Theory]
    [InlineData(1_472, 1)]
    [InlineData(1_473, 0)]
    [Covers("SEC-017")]
    public void A_datagram_may_have_1472_bytes(int length, int delivered)
    {
        var raw = Knock();
        var overhead = Says("").Length + 1; // the frame's length takes one byte more
        var early = raw.Early(Says(new string('x', length - Limits.SealOverhead - overhead)));
        Assert.Equal(length, early.Length);
        door.Deliver(raw, early);
        Assert.Equal(delivered, door.Texts.Count());
        Assert.Equal(1 - delivered, door.Counters.Dropped(DropReason.Malformed));
    }

    [Fact]
    [Covers("SEC-066")]
    public void Counters_up_to_63_are_taken()
    {
        var raw = Knock();
        foreach (var packet in Enumerable.Range(0, 70).Select(i => raw.Early(Says($"{i}"))).Reverse())
            door.Deliver(raw, packet);
        Assert.Equal(Enumerable.Range(0, 64).Reverse().Select(i => $"{i}"), door.Texts);
        Assert.Equal(6, door.Counters.Dropped(DropReason.Replayed));
    }

    [Fact]
    [Covers("SEC-066", "SEC-059")]
    public void All_images_of_an_attempt_share_one_window()
    {
        var timestamp = door.Clock;
        var raw = door.Peer(1);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp, "first")));
        door.Deliver(raw, raw.Early(Says("0")));
        var late = raw.Early(Says("1"));

        // The next image, from elsewhere.
        raw.Address = Door.Address(1, port: 6000);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp, "first")));
        foreach (var number in new[] { "0", "1", "2" })
            door.Deliver(raw, raw.Early(Says(number)));
        door.Deliver(Door.Address(1), late);
        Assert.Equal(["first", "0", "1", "2"], door.Texts);
        Assert.Equal(2, door.Counters.Dropped(DropReason.Replayed));

        // A new attempt begins with a new window.
        door.Pass(1);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, "second")));
        door.Deliver(raw, raw.Early(Says("0 of the second")));
        Assert.Equal("0 of the second", door.Texts.Last());
    }

    [Fact]
    [Covers("SEC-066", "SEC-059")]
    public void An_attempt_that_may_deliver_nothing_delivers_no_EARLY()
    {
        var first = door.Clock;
        door.Pass(1);
        var raw = door.Peer(1);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, "newer")));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, first, "older")));
        door.Deliver(raw, raw.Early(Says("early of the older")));
        Assert.Equal(["newer"], door.Texts);
        Assert.Equal(1, door.Counters.Dropped(DropReason.UnknownIndex));
    }

    [Fact]
    [Covers("SEC-066", "SEC-059", "SEC-061")]
    public void When_the_association_was_forgotten_no_image_of_the_attempt_delivers_EARLY_again()
    {
        var timestamp = door.Clock;
        var raw = door.Peer(1);
        var hello = door.Hello(raw, timestamp, "first");
        door.Deliver(raw, hello);
        var early = raw.Early(Says("0"));
        door.Deliver(raw, early);
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer));
        door.Node.Forget(peer);
        Assert.Equal(0, Expected);

        door.Deliver(raw, early);
        door.Deliver(raw, hello);
        door.Deliver(raw, early);
        door.DeliverToBeClosed(raw, door.Hello(raw, timestamp, "first"));
        door.Deliver(raw, raw.Early(Says("0")));
        Assert.Equal(["first", "0"], door.Texts);
    }

    [Fact]
    [Covers("SEC-066", "SEC-057")]
    public void A_receiver_that_restarted_delivers_nothing_of_what_was_recorded()
    {
        var raw = door.Peer(1);
        var hello = door.Hello(raw, "first");
        door.Deliver(raw, hello);
        var early = raw.Early(Says("0"));
        door.Start();
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, early));
        Assert.Equal(ChannelMessageType.Retry, door.Deliver(raw, hello));
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, early));
        Assert.Equal(0, door.Counters.EarlyReceived);
        Assert.Equal(2, door.Counters.Dropped(DropReason.UnknownIndex));
    }

    [Fact]
    [Covers("SEC-066", "SEC-104")]
    public void EARLY_of_a_life_that_is_not_proven_is_dropped()
    {
        var raw = door.Confirmed(1);
        door.Pass(1);
        raw.Incarnation++;
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, "held")));
        door.Deliver(raw, raw.Early(Says("0")));
        Assert.Empty(door.Texts);
        var again = raw.Early(Says("1"));
        door.Confirm(raw);
        door.Deliver(raw, again);
        Assert.Equal(["held"], door.Texts);
    }

    [Fact]
    [Covers("SEC-066", "SEC-104")]
    public void Another_life_cannot_use_the_attempt_of_the_former_one()
    {
        var timestamp = door.Clock;
        var raw = door.Peer(1);
        door.Deliver(raw, door.Hello(raw, timestamp, "first"));
        door.Confirm(raw);
        raw.Incarnation++;
        for (var image = 0; image < 2; image++)
        {
            Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp, "first")));
            door.Deliver(raw, raw.Early(Says("0")));
            door.Confirm(raw); // the first proves the new life
        }

        Assert.Equal(["first"], door.Texts);
        Assert.Equal(0, door.Counters.EarlyReceived);
    }

    [Fact]
    [Covers("SEC-066", "SEC-084")]
    public void Nothing_is_taken_from_a_peer_that_is_being_closed()
    {
        var events = new NodeEvents();
        var raw = Knock();
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer));
        door.Node.Close(door.Now, peer, CloseCode.Done, events);
        events.Clear();
        door.Node.OnDatagram(door.Now, raw.Address, raw.Early(Says("0")), events);
        Assert.Empty(events.All.ToArray());
    }

    [Fact]
    [Covers("SEC-066")]
    public void It_ends_3_s_after_a_session_of_the_attempt_was_confirmed()
    {
        var timestamp = door.Clock;
        var raw = door.Peer(1);
        door.Deliver(raw, door.Hello(raw, timestamp, "first"));
        var keys = new[] { raw.Early(Says("0")), raw.Early(Says("1")) };
        door.Confirm(raw);
        door.Now += TimeSpan.FromSeconds(2.9);
        door.Deliver(raw, keys[0]);
        door.Now += TimeSpan.FromSeconds(0.1);
        Assert.Equal(1, Expected);
        door.Deliver(raw, keys[1]);
        Assert.Equal(["first", "0"], door.Texts);
        Assert.Equal(0, Expected); // the timer was due

        // An image that somebody held back opens a session and no more.
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp, "first")));
        raw.Early(Says("0"));
        door.Deliver(raw, raw.Early(Says("1")));
        Assert.Equal(["first", "0"], door.Texts);
        door.Pass(11);
        Assert.Equal(0, Expected);
    }

    [Fact]
    [Covers("SEC-066", "SEC-062")]
    public void It_ends_with_a_session_that_nobody_confirms()
    {
        var raw = Knock();
        door.Pass(9.9);
        door.Deliver(raw, raw.Early(Says("0")));
        door.Pass(0.2);
        Assert.Equal(0, Expected);
        door.Deliver(raw, raw.Early(Says("1")));
        Assert.Equal(["0"], door.Texts);
    }

    [Fact]
    [Covers("SEC-066", "SEC-081")]
    public void EARLY_counts_for_the_ledger_and_forgeries_do_not()
    {
        var raw = Knock();
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer));
        var session = peer.Sessions.Sending!;
        var before = session.LedgerReceived;
        var early = raw.Early(Says(new string('x', 1_000)));
        var forged = (byte[])early.Clone();
        forged[^1] ^= 1;
        door.Deliver(raw, forged);
        Assert.Equal(before, session.LedgerReceived);
        door.Deliver(raw, early);
        door.Deliver(raw, early);
        Assert.Equal(before + early.Length, session.LedgerReceived);
        Assert.False(session.IsAddressProven || session.IsConfirmed);
    }

    [Fact]
    [Covers("SEC-066", "SEC-062")]
    public void Nothing_stays_behind_of_4600_handshakes()
    {
        for (var i = 0; i < Limits.HalfOpenMax + 500; i++)
        {
            door.Now += TimeSpan.FromMilliseconds(2);
            var raw = door.Peer(i + 1);
            door.Deliver(raw, door.Hello(raw));
            Assert.True(Expected <= door.Counters.HalfOpenPeak);
        }

        Assert.True(Expected > 0);
        door.Pass(11);
        Assert.Equal(0, Expected);
    }

    [Fact]
    [Covers("SEC-006", "SEC-017")]
    public void What_is_dropped_costs_no_memory()
    {
        var raw = Knock();
        byte[][] corpus = [raw.Early(Says("a")), [.. raw.Early(Says("b"))[..40]], new byte[2_000], new byte[33]];
        foreach (var datagram in corpus[2..])
            new byte[] { 7, 1, 0, 0 }.CopyTo(datagram, 0);
        door.Deliver(raw, corpus[0]);
        Throw(raw, corpus);
        Allocations.AssertAtMost<byte[]>(0, corpus, datagrams =>
        {
            for (var i = 0; i < 1_000; i++)
                Throw(raw, datagrams);
        });
        Assert.Equal(["a"], door.Texts);
    }

    private IEnumerable<Happened> Messages => door.Log.Where(happened => happened.Kind == NodeEventKind.Message);

    private void Throw(RawPeer raw, ReadOnlySpan<byte[]> corpus)
    {
        foreach (var datagram in corpus)
            door.Throw(raw.Address, datagram);
    }

    // A HELLO that was answered.
    private RawPeer Knock(string? text = null)
    {
        var raw = door.Peer(1);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, text)));
        return raw;
    }

    private static byte[] Says(string text)
    {
        var writer = new WireWriter(new byte[2_000]);
        Assert.True(FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, Encoding.UTF8.GetBytes(text)));
        return writer.Written.ToArray();
    }
}
