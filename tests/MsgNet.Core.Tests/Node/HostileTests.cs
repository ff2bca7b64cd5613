using MsgNet.Sodium;
using MsgNet.Testing;
using KeyPair = MsgNet.Identity;

namespace MsgNet.Core.Tests.Node;

/// <summary>What attackers and broken peers can do: nothing.</summary>
public class HostileTests
{
    private readonly NodeNetwork network = new();
    private readonly TestNode a;
    private readonly TestNode b;

    public HostileTests()
    {
        a = network.Add("/chat");
        b = network.Add("/chat");
    }

    [Fact]
    [Covers("SEC-037", "SEC-036", "SEC-005")]
    public void A_dial_to_a_peer_is_not_completed_by_another_key()
    {
        var impostor = network.Add("/chat");
        network.OnSend = flight =>
        {
            if (flight.To == b.Address)
                flight.To = impostor.Address;
        };
        a.Dial(b, TimeSpan.FromSeconds(5));
        a.Send(b, "/chat", "secret");
        network.Run(6);
        Assert.Equal(1, a.Count(NodeEventKind.DialFailed));
        Assert.Empty(impostor.Log);
        Assert.Equal(impostor.Machine.Counters.DatagramsReceived, impostor.Machine.Counters.Dropped(DropReason.BadMac));
        Assert.Equal(0, impostor.Machine.Counters.DatagramsSent);
    }

    [Fact]
    [Covers("SEC-036", "SEC-005", "SEC-001")]
    public void Every_flipped_bit_of_every_kind_is_dropped_and_changes_nothing()
    {
        var seen = new HashSet<string>();
        network.OnSend = flight =>
        {
            // Nobody signs a HINT, so some of its neighbours are as good; HintTests shows how little that costs. Others once each: forged
            // HELLOs use up the rate of the address they name, and the true one has to come again.
            if (flight.Type == ChannelMessageType.Hint || !seen.Add(Convert.ToHexString(flight.Datagram)))
                return;

            var target = flight.To == a.Address ? a : b;
            var peersBefore = target.Machine.PeerCount;
            var logBefore = target.Log.Count;
            for (var bit = 0; bit < flight.Datagram.Length * 8; bit++)
            {
                var forged = (byte[])flight.Datagram.Clone();
                forged[bit / 8] ^= (byte)(1 << (bit % 8));
                network.Inject(flight.From, flight.To, forged);
            }

            Assert.Equal(logBefore, target.Log.Count);
            Assert.Equal(peersBefore, target.Machine.PeerCount);
        };
        a.Dial(b);
        a.Send(b, "/chat", "one");
        network.RunUntil(() => b.Peer(a).IsReady);
        a.Send(b, "/chat", "two");
        network.Run(1);
        Assert.Equal(["one", "two"], b.Texts);
        Assert.Equal(1, b.Machine.Counters.HandshakesAnswered);
    }

    [Fact]
    [Covers("SEC-051", "SEC-059", "SEC-072", "SEC-005")]
    public void Replays_of_everything_deliver_nothing_twice()
    {
        network.Connect(a, b);
        a.Send(b, "/chat", "one");
        b.Send(a, "/chat", "two");
        a.Request(b, "/chat", "three");
        network.Run(1);
        var recorded = network.Flights.ToArray();
        var eavesdropper = NetAddress.From(System.Net.IPAddress.Loopback, 1, 0);
        for (var round = 0; round < 3; round++)
        {
            foreach (var flight in recorded)
            {
                network.Inject(flight.From, flight.To, flight.Datagram);
                network.Inject(eavesdropper, flight.To, flight.Datagram);
            }

            network.Run(40);
        }

        Assert.Equal(["one"], b.Texts);
        Assert.Equal(["two"], a.Texts);
        Assert.Single(b.Requests);
        Assert.Single(a.Replies);
        Assert.All(
            network.Flights.Where(flight => flight.To == eavesdropper), flight => Assert.Equal(ChannelMessageType.Retry, flight.Type));
        Assert.Equal(0, a.Count(NodeEventKind.PeerLost) + b.Count(NodeEventKind.PeerLost));
        b.Send(a, "/chat", "still well");
        network.Run(1);
        Assert.Equal("still well", a.Texts.Last());
    }

    [Theory]
    [InlineData("")]
    [InlineData("08")]
    [InlineData("0801000000")]
    [InlineData("03010000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("0c010000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("08020000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("08010100000000000000000000000000000000000000000000000000000000000000")]
    [Covers("SEC-004", "SEC-073")]
    public void What_is_no_datagram_of_ours_is_dropped_and_counted(string hex)
    {
        network.Inject(a.Address, b.Address, Convert.FromHexString(hex));
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.Malformed));
        network.Inject(a.Address, b.Address, Convert.FromHexString("0801000011111111" + new string('0', 64)));
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.UnknownIndex));
        Assert.Equal(ChannelMessageType.Hint, Assert.Single(network.Flights).Type);
    }

    [Fact]
    [Covers("SEC-051", "SEC-060", "SEC-081")]
    public void The_stored_ACK_goes_again_to_the_first_address_alone_and_within_the_ledger()
    {
        var raw = Raw();
        var hello = raw.Hello(b.PublicKey, b.Clock, []);
        var other = NetAddress.From(System.Net.IPAddress.Loopback, 7, 0);
        network.Inject(raw.Address, b.Address, hello);
        network.Inject(raw.Address, b.Address, hello);
        network.Inject(other, b.Address, hello);
        Assert.Equal(2, network.Flights.Count);
        Assert.Equal(network.Flights[0].Datagram, network.Flights[1].Datagram);
        Assert.All(network.Flights, flight => Assert.Equal(raw.Address, flight.To));
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.RepeatedHello));
        network.Run(11);
        network.Inject(raw.Address, b.Address, hello);
        Assert.Equal(2, network.Flights.Count);
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(0, false)]
    [Covers("REC-011")]
    public void A_report_of_what_was_never_sent_closes_with_2(int beyond, bool closes)
    {
        var raw = Accepted();
        b.Send(raw, "/chat", "one");
        var largest = Data().Count(flight => flight.To == raw.Address) - 1 + beyond;
        Deliver(raw, raw.Report((ulong)largest));
        Assert.Equal(closes, b.Log.Exists(happened => happened.Loss == PeerLoss.ProtocolError));
        if (closes)
            AssertClosed(raw);
    }

    [Fact]
    [Covers("REC-012", "SEC-071")]
    public void A_counter_in_every_512_to_1024_is_left_out_and_a_report_of_it_closes_with_2()
    {
        var raw = Accepted();
        var counters = new List<ulong>();
        while (counters.Count < 5_000)
        {
            var before = network.Flights.Count;
            b.Send(raw, "/chat", "x");
            network.Run(0.02);
            foreach (var flight in network.Flights.Skip(before).Where(flight => flight.Type == ChannelMessageType.Data))
            {
                Assert.True(DataHeader.TryParse(flight.Datagram, out var header));
                counters.Add(header.Counter);
            }

            Assert.True(network.Flights.Count > before);
            var newest = counters[^1];
            Deliver(raw, raw.Report(newest));
        }

        var skipped = Enumerable.Range(0, (int)counters[^1]).Select(number => (ulong)number).Except(counters).ToArray();
        Assert.InRange(skipped.Length, 4, 9);
        for (var i = 1; i < skipped.Length; i++)
            Assert.InRange(skipped[i] - skipped[i - 1], 512ul, 1_026ul);
        Assert.Equal(counters.Count, counters.Distinct().Count());
        Deliver(raw, raw.Report(skipped[^1]));
        Assert.Contains(b.Log, happened => happened.Loss == PeerLoss.ProtocolError);
        AssertClosed(raw);
    }

    [Fact]
    [Covers("MP-025", "MP-026", "MP-027")]
    public void The_100th_bad_frame_closes_with_2()
    {
        var raw = Accepted();
        byte[] bad = [3, 1, 0, 0];
        for (var i = 0; i < 99; i++)
            Deliver(raw, i % 2 == 0 ? bad : [0x7F, 1]);
        Assert.Equal(99, b.Machine.Counters.Dropped(DropReason.BadFrame));
        Assert.DoesNotContain(b.Log, happened => happened.Kind == NodeEventKind.PeerLost);
        Deliver(raw, bad);
        Assert.Equal(PeerLoss.ProtocolError, b.Log[^1].Loss);
        AssertClosed(raw);
    }

    [Fact]
    [Covers("MP-027")]
    public void A_HELLO_of_bad_frames_ends_a_dial_as_failed_and_reports_no_loss()
    {
        var raw = Raw();
        Assert.True(b.Machine.TryGetPeer(network.Now, raw.Id, out var peer));
        b.Machine.Dial(network.Now, peer, [raw.Address], TimeSpan.FromSeconds(5));
        byte[] bad = [3, 1, 0, 0];
        var frames = Enumerable.Repeat(bad, Limits.BadFramesMax).SelectMany(frame => frame).ToArray();
        network.Inject(raw.Address, b.Address, raw.Hello(b.PublicKey, b.Clock, frames));
        Assert.Equal(NodeEventKind.DialFailed, Assert.Single(b.Log).Kind);
        Assert.False(peer.IsConnecting);
    }

    [Fact]
    [Covers("MP-024", "MP-025", "MP-028", "MP-010", "MP-035")]
    public void Unknown_frames_are_skipped_and_wrong_ones_dropped_alone()
    {
        var raw = Accepted();
        var before = network.Flights.Count;
        Deliver(raw, [2, 0x70, 1, 9, 0x7F, 0, 1, 2, 3, 4, 5, 6, 7, 9, 0xF2, 1, 2, 3, 4, 5, 6, 7, 8]);
        network.Run(1);
        Assert.Equal(2, b.Machine.Counters.Dropped(DropReason.UnknownFrame));
        Assert.Equal(0, b.Machine.Counters.Dropped(DropReason.BadFrame));
        Deliver(raw, [2, 0x70, 1]);
        network.Run(1);
        Assert.Single(network.Flights.Skip(before));

        Deliver(raw, RawPeer.Frames((ref WireWriter writer) =>
        {
            FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 5, "good"u8);
            FrameWriter.TryWriteInit(ref writer, 2, "/other"u8, 5, "the number means another name"u8);
            FrameWriter.TryWriteAssociation(ref writer, 9);
            FrameWriter.TryWriteContinuation(ref writer, 5, "good too"u8);
            FrameWriter.TryWritePathChallenge(ref writer, 1);
            FrameWriter.TryWriteAck(ref writer, 4711);
            FrameWriter.TryWriteReset(ref writer, 4711);
        }));
        Assert.Equal(["good", "good too"], b.Texts);
        Assert.Equal(2, b.Machine.Counters.Dropped(DropReason.BadFrame));
        Assert.Equal(2, b.Machine.Counters.Dropped(DropReason.UnknownName));
    }

    [Fact]
    [Covers("MP-043")]
    public void Unknown_numbers_get_at_most_ten_RESETs_a_second()
    {
        var raw = Accepted();
        var before = network.Flights.Count;
        for (var i = 1; i <= 50; i++)
        {
            var number = (ushort)i;
            Deliver(raw, RawPeer.Frames((ref WireWriter writer) => FrameWriter.TryWriteContinuation(ref writer, number, "x"u8)));
        }

        var resets = network.Flights.Skip(before).SelectMany(flight => flight.FrameList()).Count(frame => frame.Type == FrameType.Reset);
        Assert.Equal(10, resets);
        Assert.Equal(50, b.Machine.Counters.Dropped(DropReason.NoHandler));
        Assert.Empty(b.Texts);
    }

    [Fact]
    [Covers("SEC-056")]
    public void A_HELLO_of_the_nodes_own_key_is_dropped()
    {
        var seed = new byte[KeyPair.SeedLength];
        seed[0] = (byte)b.Number;
        seed[1] = (byte)network.Seed;
        var raw = new RawPeer(new SodiumChannelCrypto(KeyPair.FromSeed(seed), new SeededRandom(9)), 9);
        network.Inject(raw.Address, b.Address, raw.Hello(b.PublicKey, b.Clock, []));
        Assert.Equal(1, b.Machine.Counters.Dropped(DropReason.OwnKey));
        Assert.Empty(network.Flights);
    }

    [Fact]
    [Covers("SEC-063", "SEC-081")]
    public void DATA_from_another_address_confirms_the_session_and_leaves_the_ledger()
    {
        var raw = Raw();
        network.Inject(raw.Address, b.Address, raw.Hello(b.PublicKey, b.Clock, []));
        raw.Accept(network.Flights[^1].Datagram);
        network.Inject(NetAddress.From(System.Net.IPAddress.Loopback, 7, 0), b.Address, raw.Data([]));
        Assert.True(b.Machine.TryFindPeer(raw.Id, out var peer) && peer.IsReady);
        for (var i = 0; i < 50; i++)
            b.Send(raw, "/chat", new byte[50]);
        network.Run(1);
        var there = network.Flights.Where(flight => flight.To == raw.Address);
        Assert.InRange(there.Sum(flight => flight.Datagram.Length), 1, 3 * HelloMessage.Overhead);
        network.Inject(raw.Address, b.Address, raw.Data([]));
        b.Send(raw, "/chat", new byte[900]);
        Assert.True(network.Flights[^1].Datagram.Length > 900);
    }

    private IEnumerable<Flight> Data() => network.Flights.Where(flight => flight.Type == ChannelMessageType.Data);

    private static RawPeer Raw(byte number = 1)
    {
        var seed = new byte[KeyPair.SeedLength];
        seed[0] = 200;
        seed[1] = number;
        return new RawPeer(new SodiumChannelCrypto(KeyPair.FromSeed(seed), new SeededRandom(number)), number);
    }

    private RawPeer Accepted()
    {
        var raw = Raw();
        network.Inject(raw.Address, b.Address, raw.Hello(b.PublicKey, b.Clock, []));
        raw.Accept(network.Flights[^1].Datagram);
        Deliver(raw, []);
        Assert.True(b.Machine.TryFindPeer(raw.Id, out var peer) && peer.IsReady);
        return raw;
    }

    private void Deliver(RawPeer raw, byte[] frames) => network.Inject(raw.Address, b.Address, raw.Data(frames));

    private void AssertClosed(RawPeer raw)
    {
        var (type, body) = Assert.Single(raw.Open(network.Flights[^1].Datagram));
        Assert.Equal(FrameType.Close, type);
        Assert.Equal([0, 2], body);
        Assert.False(b.Machine.TryFindPeer(raw.Id, out _));
    }
}
