using System.Text.Json;
using MsgNet.Sodium;
using MsgNet.Testing;
using KeyPair = MsgNet.Identity;

namespace MsgNet.Core.Tests.Node;

/// <summary>A whole exchange with fixed keys and fixed randomness, byte for byte as recorded.</summary>
public class ExchangeVectorTests
{
    private static readonly JsonElement Vector = RepositoryFiles.Vectors("exchange.json");
    private readonly NodeEvents events = new();
    private readonly List<(string From, long At, byte[] Datagram, byte[] Frames)> sent = [];

    [Fact]
    [Covers("SEC-027", "SEC-021", "SEC-014")]
    public void Two_nodes_produce_the_recorded_datagrams()
    {
        Replay();
        var recorded = Vector.GetProperty("datagrams").EnumerateArray().ToArray();
        Assert.Equal(recorded.Length, sent.Count);
        for (var i = 0; i < sent.Count; i++)
        {
            Assert.Equal(recorded[i].GetProperty("from").GetString(), sent[i].From);
            Assert.Equal(recorded[i].GetProperty("at_us").GetInt64(), sent[i].At);
            Assert.Equal(recorded[i].GetProperty("frames").GetString(), Convert.ToHexStringLower(sent[i].Frames));
            Assert.Equal(recorded[i].GetProperty("datagram").GetString(), Convert.ToHexStringLower(sent[i].Datagram));
        }
    }

    [Fact]
    [Covers("SEC-027", "SEC-026", "SEC-039")]
    public void The_recorded_datagrams_open_with_keys_that_no_node_derived()
    {
        var all = Vector.GetProperty("datagrams").EnumerateArray().ToArray();
        using var initiatorKey = KeyPair.FromSeed(Bytes("initiator_seed"));
        using var responderKey = KeyPair.FromSeed(Bytes("responder_seed"));
        var initiatorCrypto = new SodiumChannelCrypto(initiatorKey, new FixedRandom(Bytes("initiator_ephemeral")));
        var responderCrypto = new SodiumChannelCrypto(responderKey, new FixedRandom(Bytes("responder_ephemeral")));
        Assert.True(RemoteIdentity.TryCreate(initiatorCrypto, responderKey.PublicKey, out var remote));

        using var responder = new ResponderHandshake(responderCrypto);
        Assert.True(HelloMessage.TryParse(Datagram(all[0]), out var hello));
        Assert.True(responder.TryReadStatic(hello, default));
        Assert.True(responder.TryReadPayload(hello, new byte[2_048], out var payload));
        Assert.Equal(Frames(all[0]), payload.Frames.ToArray());

        using var initiator = new InitiatorHandshake(initiatorCrypto, remote, default);
        var helloAgain = new byte[hello.SealedPayload.Length + HelloMessage.PayloadOffset];
        initiator.WriteHello(helloAgain, hello.SenderIndex, payload.Timestamp, payload.Incarnation, payload.Offers, payload.Frames);
        Assert.Equal(Datagram(all[0]), helloAgain);

        Assert.True(initiator.TryReadAck(Datagram(all[1]), new byte[2_048], out var answer, out var initiatorKeys));
        Assert.Equal(Frames(all[1]), answer.Frames.ToArray());
        Assert.True(AckMessage.TryParse(Datagram(all[1]), out var ack));
        var ackAgain = new byte[Datagram(all[1]).Length];
        responder.WriteAck(ackAgain, ack.SenderIndex, answer.Incarnation, answer.Offers, answer.Frames, out var responderKeys);
        Assert.Equal(Datagram(all[1]), ackAgain);

        foreach (var recorded in all[2..])
        {
            var opening = recorded.GetProperty("from").GetString() == "initiator" ? responderKeys!.Opening : initiatorKeys.Opening;
            var datagram = Datagram(recorded);
            Assert.True(opening.TryOpen(datagram, out _, out var length));
            Assert.Equal(Frames(recorded), datagram.AsSpan(DataHeader.Length, length).ToArray());
        }
    }

    [Fact]
    [Covers("SEC-027")]
    public void The_exchange_holds_the_frames_it_should()
    {
        var all = Vector.GetProperty("datagrams").EnumerateArray().ToArray();
        var kinds = all.Select(recorded => Flight.Read(Frames(recorded)).Select(frame => frame.Type).ToArray()).ToArray();
        Assert.Equal([FrameType.Init], kinds[0]);
        Assert.Equal([FrameType.Ack], kinds[1]);
        Assert.Contains(kinds[2..], frames => frames.Contains(FrameType.Continuation));
        Assert.Contains(kinds[2..], frames => frames.Contains(FrameType.Report));
        Assert.Contains(kinds[2..], frames => frames.Contains(FrameType.Tagged));
        Assert.Contains(kinds[2..], frames => frames.Contains(FrameType.Reply));
        Assert.Equal([FrameType.Close], kinds[^1]);
    }

    private static byte[] Bytes(string name) => Convert.FromHexString(Vector.GetProperty(name).GetString()!);

    private static byte[] Datagram(JsonElement recorded) => Convert.FromHexString(recorded.GetProperty("datagram").GetString()!);

    private static byte[] Frames(JsonElement recorded) => Convert.FromHexString(recorded.GetProperty("frames").GetString()!);

    // Each datagram takes 10 ms; what the nodes are asked to do stands in the vector's note.
    private void Replay()
    {
        var initiator = new Side("initiator", 1);
        var responder = new Side("responder", 2);
        var chat = ProtocolId.FromString("/chat/1.0");
        var now = Instant.Zero;
        Assert.True(initiator.Machine.TryGetPeer(now, responder.Id, out var peer));
        initiator.Machine.Dial(now, peer, [responder.Address], TimeSpan.FromSeconds(10));
        initiator.Machine.TrySend(now, peer, chat, "hello"u8, allowEarly: true);
        for (var millisecond = 0; millisecond <= 200; millisecond++)
        {
            now = Instant.FromMicroseconds(millisecond * 1_000);
            switch (millisecond)
            {
                case 50:
                    initiator.Machine.TrySend(now, peer, chat, "again"u8, allowEarly: true);
                    break;
                case 100:
                    initiator.Machine.TryRequest(now, peer, chat, "ask"u8, this, now + TimeSpan.FromSeconds(10), out _);
                    break;
                case 150:
                    initiator.Machine.Close(now, peer, CloseCode.Done, events);
                    events.Clear();
                    break;
            }

            Turn(now, initiator, responder);
            Turn(now, responder, initiator);
        }
    }

    private void Turn(Instant now, Side from, Side to)
    {
        while (from.Inbox.TryPeek(out var arriving) && arriving.At <= now)
        {
            from.Inbox.Dequeue();
            from.Machine.OnDatagram(now, to.Address, arriving.Datagram, events);
            foreach (ref readonly var happened in events.All)
            {
                if (happened is { Kind: NodeEventKind.Message, RequestId: not 0 })
                    from.Machine.Reply(now, happened.Peer, happened.RequestId, ReplyStatus.Ok, "answer"u8);
            }

            events.Clear();
        }

        if (from.Machine.NextTimer <= now)
            from.Machine.OnTimer(now, events);
        events.Clear();
        var buffer = new byte[Limits.DatagramSizeMax];
        var writer = new DatagramWriter(buffer);
        while (from.Machine.WriteDatagram(now, ref writer))
        {
            var datagram = writer.Datagram.ToArray();
            to.Inbox.Enqueue((now + TimeSpan.FromMilliseconds(10), (byte[])datagram.Clone()));
            sent.Add((from.Name, now.Microseconds, datagram, from.FramesOf(datagram)));
            writer = new DatagramWriter(buffer);
        }
    }

    private sealed class Side
    {
        private readonly ObservingCrypto crypto;

        public Side(string name, byte number)
        {
            Name = name;
            var identity = KeyPair.FromSeed(Bytes($"{name}_seed"));
            crypto = new ObservingCrypto(new SodiumChannelCrypto(identity, new FixedRandom(Bytes($"{name}_ephemeral"))));
            var protocols = new ProtocolRegistry();
            protocols.Register(ProtocolId.FromString("/chat/1.0"));
            Id = identity.Id;
            Address = NetAddress.From(new System.Net.IPAddress([192, 0, 2, number]), 4242, 0);
            Machine = new UdpNode(
                crypto,
                new FixedRandom(Bytes($"{name}_random")),
                protocols,
                new UdpNodeSettings
                {
                    UnixMicrosecondsAtZero = Vector.GetProperty("unix_us_at_0").GetInt64(),
                    StartedAt = Instant.Zero,
                    IdentityIsFresh = true,
                    OfferAes = false,
                });
        }

        public string Name { get; }

        public PeerId Id { get; }

        public NetAddress Address { get; }

        public UdpNode Machine { get; }

        public Queue<(Instant At, byte[] Datagram)> Inbox { get; } = new();

        public byte[] FramesOf(byte[] datagram) => crypto.PlaintextOf(datagram)[((ChannelMessageType)datagram[0] switch
        {
            ChannelMessageType.Hello => HelloPayload.FieldsLength,
            ChannelMessageType.Ack => AckPayload.FieldsLength,
            _ => 0,
        })..];
    }
}
