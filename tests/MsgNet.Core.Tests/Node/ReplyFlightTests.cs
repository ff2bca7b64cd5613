using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Node;

/// <summary>Replies and first flights: which life of a requester reads one is not known before the handshake is done.</summary>
public class ReplyFlightTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public ReplyFlightTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
        b.OnRequest = _ => null;
    }

    [Fact]
    [Covers("REQ-018", "REQ-011")]
    public void The_answer_to_a_request_of_a_former_life_answers_none_of_the_present_one()
    {
        network.Connect(a, b);
        Assert.Equal(1ul, a.Request(b, "/chat", "of the first life"));
        network.Run(1);
        var old = Assert.Single(b.Requests);
        network.RunUntil(() => !a.Peer(b).IsReady && !b.Peer(a).IsReady, seconds: 200);

        // a forgets b, and asks again under the same id before b knows: what b dials with was meant for the first life.
        a.Close(b, CloseCode.Done);
        network.OnSend = flight => flight.IsLost = flight.From == a.Address;
        a.Dial(b);
        Assert.Equal(1ul, a.Request(b, "/chat", "of the second life"));
        b.Dial(a);
        b.Reply(old, ReplyStatus.Ok, "wrong"u8.ToArray());
        network.Run(0.1);
        Assert.Contains(network.Flights, flight => flight.From == b.Address && flight.Type == ChannelMessageType.Hello);
        Assert.Empty(a.Replies);

        network.OnSend = null;
        network.RunUntil(() => b.Requests.Count() == 2);
        b.Reply(b.Requests.Last(), ReplyStatus.Ok, "right"u8.ToArray());
        network.Run(2);
        Assert.Equal("right", Assert.Single(a.Replies).Text);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(5_000)] // in pieces
    [Covers("REQ-018", "REQ-023")]
    public void A_reply_waits_for_keys_and_messages_do_not_wait_for_it(int length)
    {
        network.Connect(a, b);
        a.Request(b, "/chat", "impatient");
        network.RunUntil(() => !a.Peer(b).IsReady && !b.Peer(a).IsReady, seconds: 200);
        network.OnSend = flight => flight.IsLost = flight.From == a.Address;
        var first = network.Flights.Count;
        b.Dial(a);
        b.Reply(Assert.Single(b.Requests), ReplyStatus.Ok, new byte[length]);
        b.Send(a, "/chat", "early");
        network.Run(0.1);
        var early = network.Flights.Skip(first)
            .Where(flight => flight.Type is ChannelMessageType.Hello or ChannelMessageType.Early).ToArray();
        Assert.NotEmpty(early);
        Assert.DoesNotContain(early, flight => flight.Has(FrameType.Reply) || flight.Has(FrameType.Fragment));
        Assert.Equal(["early"], a.Texts);

        // Under keys it arrives, too late to match anything.
        network.OnSend = null;
        network.RunUntil(() => a.Machine.Counters.Dropped(DropReason.UnknownReply) == 1);
    }

    [Fact]
    [Covers("REQ-018", "REQ-011")]
    public void A_reply_in_a_HELLO_or_EARLY_is_dropped_and_counted()
    {
        using var crypto = new SodiumChannelCrypto(MsgNet.Identity.Generate(), new SeededRandom(1));
        using var raw = new RawPeer(crypto, 9);
        Assert.True(a.Machine.TryGetPeer(network.Now, raw.Id, out var peer));
        a.Machine.Dial(network.Now, peer, [raw.Address], TimeSpan.FromSeconds(10));
        var asked = a.Machine.TryRequest(
            network.Now, peer, ProtocolId.FromString("/chat"), "?"u8, a, network.Now + TimeSpan.FromSeconds(10), out var id);
        Assert.Equal(SendStatus.Accepted, asked);
        var reply = RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWriteReply(ref writer, id, ReplyStatus.Ok, "answer"u8));

        network.Inject(raw.Address, a.Address, raw.Hello(a.PublicKey, a.Clock, reply));
        network.Inject(raw.Address, a.Address, raw.Early(reply));
        Assert.Equal(2, a.Machine.Counters.Dropped(DropReason.UnknownReply));
        Assert.Empty(a.Replies);

        raw.Accept(network.Flights.Last(flight => flight.Type == ChannelMessageType.Ack).Datagram);
        network.Inject(raw.Address, a.Address, raw.Data(reply));
        Assert.Equal("answer", Assert.Single(a.Replies).Text);
    }
}
