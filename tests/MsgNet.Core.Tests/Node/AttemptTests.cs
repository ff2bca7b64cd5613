using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What belongs to one attempt and to one life of a peer, and is taken from no other.</summary>
public sealed class AttemptTests : IDisposable
{
    private const ulong Second = 1_000_000;
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly RawResponder responder;
    private readonly Door door = new();

    public AttemptTests()
    {
        a = network.Add("/chat");
        responder = new RawResponder(network.Now, 7);
    }

    public void Dispose()
    {
        responder.Dispose();
        door.Dispose();
    }

    [Fact]
    [Covers("SEC-059", "SEC-061")]
    public void Another_image_of_an_attempt_delivers_nothing_when_the_association_is_forgotten()
    {
        var raw = door.Peer(1);
        var timestamp = door.Clock;
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp, "once")));
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer));
        door.Node.Forget(peer);
        door.Pass(20);
        door.DeliverToBeClosed(raw, door.Hello(raw, timestamp, "once"));
        Assert.Equal(["once"], door.Texts);
    }

    [Fact]
    [Covers("SEC-059")]
    public void An_attempt_older_than_the_last_one_opens_a_session_and_delivers_nothing()
    {
        var raw = door.Peer(1);
        var timestamp = door.Clock;
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp, "newer")));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp - Second, "held back on the way")));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw, timestamp + Second, "newest")));
        Assert.Equal(["newer", "newest"], door.Texts);
    }

    [Fact]
    [Covers("SEC-104")]
    public void A_HELLO_of_a_life_that_has_ended_gets_no_answer()
    {
        var raw = door.Confirmed(1);
        raw.Incarnation++;
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
        door.Confirm(raw);
        raw.Incarnation--;
        Assert.Equal(ChannelMessageType.None, door.Deliver(raw, door.Hello(raw, "of the former life")));
        Assert.Equal(1, door.Counters.Dropped(DropReason.Replayed));
        Assert.Empty(door.Texts);
    }

    [Fact]
    [Covers("SEC-104", "SEC-036")]
    public void An_ACK_of_a_life_that_has_ended_changes_nothing()
    {
        var peer = Dial();
        Answer();
        Revive(peer);
        responder.Incarnation++;
        Answer();
        var current = peer.Sessions.Current;
        var lost = a.Count(NodeEventKind.PeerLost);
        Revive(peer);
        responder.Incarnation--;
        Answer();
        Assert.Same(current, peer.Sessions.Current);
        Assert.Equal(lost, a.Count(NodeEventKind.PeerLost));
        Assert.Equal(1, a.Machine.Counters.Dropped(DropReason.NotAuthentic));
        Assert.True(peer.IsConnecting);
    }

    [Theory]
    [InlineData(0xF0)]
    [InlineData(0x02)]
    [Covers("SEC-121", "SEC-123")]
    public void An_ACK_without_the_common_suite_ends_nothing_but_itself(byte offers)
    {
        var peer = Dial();
        responder.Offers = offers;
        Answer();
        Assert.False(peer.IsReady);
        Assert.True(peer.IsConnecting);
        Assert.Equal(1, a.Machine.Counters.Dropped(DropReason.NotAuthentic));
    }

    [Fact]
    [Covers("SEC-034")]
    public void Timestamps_of_attempts_rise_whatever_the_wall_clock_does()
    {
        using var second = new RawResponder(network.Now, 8);
        using var third = new RawResponder(network.Now, 9);
        Dial();
        responder.Accept(network.Now, network.Flights[^1], out var first);
        Dial(second);
        second.Accept(network.Now, network.Flights[^1], out var sameMoment);
        a.Machine.NoteWallClock(network.Now, a.Settings.UnixMicrosecondsAtZero - (long)(3_600 * Second));
        Dial(third);
        third.Accept(network.Now, network.Flights[^1], out var setBack);
        Assert.Equal((first + 1, first + 2), (sameMoment, setBack));
    }

    [Fact]
    [Covers("SEC-051", "SEC-081")]
    public void Truncated_copies_of_a_HELLO_draw_no_more_than_three_times_their_bytes()
    {
        // As many short names as fit: the ACK answers each of them.
        string[] names =
            [.. Enumerable.Range('!', 94).Select(i => $"/{(char)i}"), .. Enumerable.Range('A', 20).Select(i => $"/{(char)i}1")];
        a.Handle(names);
        using var crypto = new Sodium.SodiumChannelCrypto(MsgNet.Identity.Generate(), new SeededRandom(1));
        using var raw = new RawPeer(crypto, 1);
        var frames = RawPeer.Frames((ref WireWriter writer) =>
        {
            for (ushort i = 1; i <= names.Length; i++)
                FrameWriter.TryWriteInit(ref writer, i, System.Text.Encoding.ASCII.GetBytes(names[i - 1]), i, default);
        });
        var hello = raw.Hello(a.PublicKey, a.Clock, frames);
        network.Inject(raw.Address, a.Address, hello);
        var received = hello.Length;
        var ack = Assert.Single(network.Flights).Datagram;
        Assert.InRange(ack.Length, 3 * (HelloMessage.Overhead + 1), 3 * hello.Length);
        for (var i = 0; i < 200; i++)
        {
            var truncated = hello[..(HelloMessage.Overhead + 1)];
            network.Inject(raw.Address, a.Address, truncated);
            received += truncated.Length;
            Assert.InRange(network.Flights.Sum(flight => flight.Datagram.Length), 0, 3 * received);
        }
    }

    [Fact]
    [Covers("SEC-081", "SEC-082", "SEC-083")]
    public void A_silent_peer_is_not_asked_for_at_an_address_that_is_not_proven()
    {
        // Who can read what goes to an address has somebody else's host named there, confirms from elsewhere, and falls silent.
        var (raw, hello, peer) = ConfirmFromElsewhere();
        door.Node.TrySend(door.Now, peer, ProtocolId.FromString("/chat"), "hello?"u8, allowEarly: true);
        door.Settle(default);
        door.Pass(40);
        Assert.InRange(door.Sent.Where(sent => sent.To == raw.Address).Sum(sent => sent.Datagram.Length), 1, 3 * hello.Length);
        Assert.Equal(PeerLoss.TimedOut, Assert.Single(door.Log, happened => happened.Kind == NodeEventKind.PeerLost).Loss);
    }

    [Theory]
    [InlineData(1, 900)] // more than may go there
    [InlineData(40, 50)] // some goes, is lost, and nothing may follow it
    [Covers("SEC-094", "SEC-083")]
    public void A_peer_that_falls_silent_where_nothing_more_may_be_sent_is_lost(int count, int size)
    {
        var (raw, _, peer) = ConfirmFromElsewhere();
        door.Node.TryOpenLane(door.Now, peer, ProtocolId.FromString("/chat"), LaneKind.Ordered, allowEarly: true, out var lane);
        for (var i = 0; i < count; i++)
            Assert.Equal(SendStatus.Accepted, door.Node.TrySend(door.Now, lane!, new byte[size]));
        door.Settle(default);
        door.Pass(20);
        door.Throw(Door.Address(2), raw.Data([])); // it lives
        door.Pass(34);
        Assert.DoesNotContain(door.Log, happened => happened.Kind == NodeEventKind.PeerLost);
        door.Pass(2);
        Assert.Equal(PeerLoss.TimedOut, Assert.Single(door.Log, happened => happened.Kind == NodeEventKind.PeerLost).Loss);
    }

    private (RawPeer Raw, byte[] Hello, PeerChannel Peer) ConfirmFromElsewhere()
    {
        var raw = door.Peer(1);
        var hello = door.Hello(raw);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, hello));
        raw.Accept(door.Sent[^1].Datagram);
        door.Throw(Door.Address(2), raw.Data([]));
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer) && peer.IsReady);
        return (raw, hello, peer);
    }

    private PeerChannel Dial(RawResponder? whom = null)
    {
        whom ??= responder;
        Assert.True(a.Machine.TryGetPeer(network.Now, whom.Id, out var peer));
        a.Machine.Dial(network.Now, peer, [whom.Address], TimeSpan.FromSeconds(10));
        a.Write();
        return peer;
    }

    private void Revive(PeerChannel peer)
    {
        network.Run(0.5);
        a.Machine.StartRevival(network.Now, peer, peer.Sessions.Current!, TimeSpan.FromSeconds(5));
        a.Write();
    }

    private void Answer()
    {
        var hello = network.Flights.Last(flight => flight.Type == ChannelMessageType.Hello);
        network.Inject(responder.Address, a.Address, responder.Accept(network.Now, hello, out _));
    }
}
