using System.Text;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>What a peer with the right key and the wrong manners can cause, and what happens where two rules meet.</summary>
public sealed class ManeuverTests : IDisposable
{
    private static readonly ProtocolId Chat = ProtocolId.FromString("/chat");
    private static readonly NetAddress Elsewhere = NetAddress.From(new System.Net.IPAddress([10, 9, 9, 9]), 9, 0);
    private readonly NodeNetwork network = new();
    private readonly Door door = new();
    private readonly RawResponder responder;
    private readonly TestNode a;
    private readonly TestNode b;

    public ManeuverTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        responder = new RawResponder(network.Now, 7);
    }

    public void Dispose()
    {
        responder.Dispose();
        door.Dispose();
    }

    [Fact]
    [Covers("SEC-006", "SEC-036", "SEC-042")]
    public void After_an_ACK_that_is_of_no_use_EARLY_follows_the_next_image()
    {
        Assert.True(a.Machine.TryGetPeer(network.Now, responder.Id, out var peer));
        a.Machine.Dial(network.Now, peer, [responder.Address], TimeSpan.FromSeconds(10));
        a.Write();
        responder.Offers = 0; // a suite this node does not have
        a.Receive(responder.Address, responder.Accept(network.Now, network.Flights[^1], out _));
        Assert.True(peer.IsConnecting);

        Assert.Equal(SendStatus.Accepted, a.Machine.TrySend(network.Now, peer, Chat, "x"u8, allowEarly: true));
        a.Write();
        Assert.Single(network.Flights); // under the key of that image nothing can be sealed any more
        network.RunUntil(() => a.Machine.Counters.EarlySent == 1);
        responder.Offers = ChannelOffers.Common;
        var hello = network.Flights.Last(flight => flight.Type == ChannelMessageType.Hello);
        a.Receive(responder.Address, responder.Accept(network.Now, hello, out _));
        Assert.True(peer.IsReady);
    }

    [Fact]
    [Covers("SEC-081", "SEC-037")]
    public void An_ACK_from_an_address_that_was_not_dialled_proves_nothing_of_it()
    {
        var ack = AckLost();
        network.Inject(Elsewhere, a.Address, ack);
        Assert.True(a.Peer(b).IsReady);
        Flood();
        Assert.InRange(BytesTo(Elsewhere), 1, 3 * ack.Length);
        network.Run(14);
        Assert.InRange(BytesTo(Elsewhere), 1, 3 * ack.Length);
        Assert.Empty(b.Messages);
    }

    [Fact]
    [Covers("SEC-081", "SEC-038")]
    public void A_peer_that_answers_from_another_address_has_it_proven_by_its_next_packet()
    {
        var ack = AckLost();
        b.Address = Elsewhere;
        network.Inject(Elsewhere, a.Address, ack);
        a.Write();
        network.Run(0.05);
        Flood();
        network.Run(2);
        Assert.Equal(20, b.Messages.Count());
        Assert.True(BytesTo(Elsewhere) > 10_000);
    }

    [Fact]
    [Covers("MP-027", "SEC-104")]
    public void A_life_that_is_closed_for_its_first_flight_is_never_announced()
    {
        var raw = door.Confirmed(1);
        raw.Incarnation++;
        raw.Index++;
        var bad = new byte[2 * Limits.BadFramesMax];
        for (var i = 0; i < bad.Length; i += 2)
            (bad[i], bad[i + 1]) = (1, (byte)FrameType.Report);
        var message = RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, "x"u8));
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, raw.Hello(door.Crypto.PublicKey, door.Clock + 1, bad)));
        raw.Accept(door.Sent[^1].Datagram);
        door.Deliver(raw, raw.Data(message));

        var close = Assert.Single(raw.Open(door.Sent[^1].Datagram));
        Assert.True(CloseFrame.TryParse(close.Body, out var said));
        Assert.Equal((FrameType.Close, CloseCode.ProtocolError), (close.Type, said.Code));
        Assert.Empty(door.Texts);
        Assert.Equal(
            [NodeEventKind.PeerReady, NodeEventKind.PeerLost],
            door.Log.Select(happened => happened.Kind));
        Assert.Equal(0, door.Node.PeerCount);
    }

    [Fact]
    [Covers("SEC-062", "REQ-025")]
    public void What_waits_for_a_handshake_that_gives_way_to_newer_ones_fails_with_it()
    {
        var raw = door.Peer(1);
        Assert.Equal(ChannelMessageType.Ack, door.Deliver(raw, door.Hello(raw)));
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer));
        while (door.Node.TrySend(door.Now, peer, Chat, new byte[1_000], allowEarly: true) == SendStatus.Accepted)
            continue;
        var deadline = door.Now + TimeSpan.FromSeconds(60);
        peer.Packer.Messages.Clear();
        Assert.Equal(SendStatus.Accepted, door.Node.TryRequest(door.Now, peer, Chat, "?"u8, this, deadline, out _));
        door.Settle(default);
        door.Log.Clear();

        for (var i = 0; i < Limits.HalfOpenMax + 400 && peer.Sessions.Sending is not null; i++)
        {
            door.Now += TimeSpan.FromMilliseconds(2.1);
            var other = door.Peer(10 + i);
            door.Throw(other.Address, door.Hello(other));
            if (door.Sent[^1].Datagram[0] != (byte)ChannelMessageType.Retry)
                continue;

            other.TakeRetry(door.Crypto.PublicKey, door.Sent[^1].Datagram);
            door.Throw(other.Address, door.Hello(other));
        }

        Assert.Equal(Limits.HalfOpenMax, door.Counters.HalfOpenPeak);
        Assert.Null(peer.Sessions.Sending);
        Assert.True(deadline - door.Now > TimeSpan.FromSeconds(50)); // it would have had more time
        var failed = Assert.Single(door.Log);
        Assert.Equal((NodeEventKind.RequestFailed, PeerLoss.Unreachable), (failed.Kind, failed.Loss));
        Assert.True(peer.IsDrained);
    }

    [Fact]
    [Covers("SEC-079", "SEC-068")]
    public void A_challenge_that_is_due_when_the_machine_wakes_does_not_leave_under_the_old_keys()
    {
        var raw = door.Confirmed(1);
        var message = RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, "x"u8));
        door.Throw(Door.Address(2), raw.Data(message));
        Assert.Contains(door.Sent, sent => sent.To == Door.Address(2)); // the first challenge
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer));
        door.Now = peer.Candidates!.NextTimer;

        door.Node.OnTimer(door.Now, new NodeEvents());
        door.Node.NoteWallClock(door.Now, Door.UnixMicrosecondsAtZero + door.Now.Microseconds + 600_000_000);
        var writer = new DatagramWriter(new byte[Limits.DatagramSizeMax]);
        Assert.False(door.Node.WriteDatagram(door.Now, ref writer));
    }

    [Fact]
    [Covers("SEC-082", "SEC-083", "SEC-081")]
    public void A_silent_peer_with_no_address_to_ask_at_keeps_no_timer_busy_and_is_lost()
    {
        var raw = door.Peer(1);
        door.Deliver(raw, door.Hello(raw));
        raw.Accept(door.Sent[^1].Datagram);
        door.Throw(Door.Address(2), raw.Data([])); // confirms the keys and proves neither address
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer) && peer.IsReady);
        Assert.Equal(SendStatus.Accepted, door.Node.TrySend(door.Now, peer, Chat, "x"u8, allowEarly: true));
        door.Settle(default);
        for (var second = 0; second < 40 && !peer.IsRemoved; second++)
        {
            door.Pass(1);
            Assert.True(door.Node.NextTimer > door.Now, $"Due for ever after {second} s.");
        }

        Assert.True(peer.IsRemoved);
        Assert.Equal(PeerLoss.TimedOut, door.Log[^1].Loss);
        Assert.Equal(0, door.Counters.HellosSent);
    }

    private void Flood()
    {
        for (var i = 0; i < 20; i++)
            a.Send(b, "/chat", Encoding.UTF8.GetBytes(new string('x', 1_000)), allowEarly: false);
    }

    private long BytesTo(NetAddress address) => network.Flights.Where(flight => flight.To == address).Sum(flight => flight.Datagram.Length);

    // The ACK to a's dial, which did not arrive.
    private byte[] AckLost()
    {
        network.OnSend = flight => flight.IsLost = flight.Type == ChannelMessageType.Ack;
        a.Dial(b);
        a.Write();
        network.RunUntil(() => network.Flights.Any(flight => flight.Type == ChannelMessageType.Ack));
        network.OnSend = null;
        return network.Flights[^1].Datagram;
    }
}
