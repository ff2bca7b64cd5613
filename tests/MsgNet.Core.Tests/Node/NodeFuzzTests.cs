using MsgNet.Testing;
using StandIn = MsgNet.Simulation.SimulatedCrypto;

namespace MsgNet.Core.Tests.Node;

/// <summary>A million of each kind of nonsense.</summary>
public sealed class NodeFuzzTests : IDisposable
{
    private const int Rounds = 1_000_000;
    private readonly NodeEvents events = new();
    private readonly byte[] buffer = new byte[Limits.DatagramSizeMax];
    private readonly byte[] datagram = new byte[8_192];
    private readonly StandIn crypto = new(Filled(1), new SeededRandom(1));
    private readonly UdpNode node;
    private readonly List<byte[]> sent = [];
    private Instant now = Instant.Zero;

    public NodeFuzzTests()
    {
        var protocols = new ProtocolRegistry();
        protocols.Register(ProtocolId.FromString("/chat"));
        var settings = new UdpNodeSettings
        {
            UnixMicrosecondsAtZero = 1,
            StartedAt = now,
            IdentityIsFresh = true,
            PoisonReturnedBuffers = true,
        };
        node = new UdpNode(crypto, new SeededRandom(2), protocols, settings);
    }

    public void Dispose() => node.Dispose();

    [Fact]
    [Covers("SEC-006", "SEC-005", "SEC-004")]
    public void A_million_mutated_datagrams_change_nothing_but_counters()
    {
        using var raw = Accepted(1);
        var corpus = new List<byte[]> { raw.Hello(crypto.PublicKey, 2, Corpus()[0]), raw.Data(Corpus()[0]), raw.Data([]), sent[0] };
        foreach (var type in new byte[] { 6, 7, 9, 10, 11 })
            corpus.Add([type, 1, 0, 0, .. new byte[60]]);
        corpus.Add(HelloToOther(raw));
        var mutator = new Mutator(5);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < Rounds; round++)
        {
            now += TimeSpan.FromMicroseconds(50);
            var input = mutator.Next(corpus);
            Feed(raw.Address, input);
        }

        Assert.InRange(node.PeerCount, 0, 1); // whom nothing true was heard of for 35 s is lost
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < Rounds * 1_024L);
        Assert.True(node.Counters.Dropped(DropReason.Malformed) > 0 && node.Counters.Dropped(DropReason.BadMac) > 0);
    }

    [Fact]
    [Covers("SEC-006", "MP-025", "MP-026", "MP-055")]
    public void A_million_mutated_frame_lists_inside_a_session_do_no_harm()
    {
        var mutator = new Mutator(6);
        var corpus = Corpus();
        var number = 1;
        var raw = Accepted(number);
        for (var round = 0; round < Rounds; round++)
        {
            now += TimeSpan.FromMicroseconds(20);
            var frames = mutator.Next(corpus);
            if (frames.Length > datagram.Length - Limits.SealOverhead)
                continue;

            var length = raw.Seal(datagram, frames);
            var before = GC.GetAllocatedBytesForCurrentThread();
            node.OnDatagram(now, raw.Address, datagram.AsSpan(0, length), events);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated <= (2 * length) + 65_536, $"{allocated} B for {length} B.");
            foreach (ref readonly var happened in events.All)
                _ = happened.Data(datagram);
            events.Clear();
            Write();
            if (!node.TryFindPeer(raw.Id, out _))
            {
                raw.Dispose();
                raw = Accepted(++number); // closed for its bad frames
            }
        }

        raw.Dispose();
        Assert.InRange(node.PeerCount, 1, number);
        Assert.True(node.Counters.MessagesDelivered > 1_000);
        Assert.True(number > 10);
    }

    private static byte[] Filled(int number)
    {
        var key = new byte[StandIn.KeyLength];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32LittleEndian(key, number);
        key[31] = 5;
        return key;
    }

    private static List<byte[]> Corpus() =>
    [
        RawPeer.Frames((ref WireWriter writer) =>
        {
            FrameWriter.TryWriteInit(ref writer, 1, "/chat"u8, 1, "hello"u8);
            FrameWriter.TryWriteContinuation(ref writer, 1, "again"u8);
            FrameWriter.TryWriteAck(ref writer, 1);
        }),
        RawPeer.Frames((ref WireWriter writer) =>
        {
            FrameWriter.TryWriteTaggedInit(ref writer, TaggedKind.Request, 1, 1, "/chat"u8, 1, "ask"u8);
            FrameWriter.TryWriteTaggedContinuation(ref writer, TaggedKind.Once, 2, 1, "once"u8);
            FrameWriter.TryWriteReply(ref writer, 1, ReplyStatus.Ok, "answer"u8);
        }),
        RawPeer.Frames((ref WireWriter writer) =>
        {
            for (var piece = 0; piece < 3; piece++)
                FrameWriter.TryWriteFragment(ref writer, 1, piece, 3, [3, 0, 1, 9]);
            FrameWriter.TryWriteFragment(ref writer, 2, 0, 64, new byte[300]);
        }),
        RawPeer.Frames((ref WireWriter writer) =>
        {
            ReportFrame.TryWrite(ref writer, 0xABCD, 5, new[] { new ReportRange(3, 5), new ReportRange(0, 1) });
            FrameWriter.TryWriteReset(ref writer, 1);
            FrameWriter.TryWritePathChallenge(ref writer, 1);
            FrameWriter.TryWriteClose(ref writer, CloseCode.Done, "bye"u8);
        }),
    ];

    private byte[] HelloToOther(RawPeer raw) => raw.Hello(new StandIn(Filled(9), new SeededRandom(9)).PublicKey, 3, []);

    private RawPeer Accepted(int number)
    {
        var raw = new RawPeer(new StandIn(Filled(100 + number), new SeededRandom((ulong)number)), 1);
        sent.Clear();
        now += TimeSpan.FromMilliseconds(2); // no more HELLOs a minute than the ephemeral cache takes
        Feed(raw.Address, raw.Hello(crypto.PublicKey, (ulong)now.Microseconds, []));
        raw.Accept(sent[0]);
        Feed(raw.Address, raw.Data([]));
        Assert.True(node.TryFindPeer(raw.Id, out var peer) && peer.IsReady);
        return raw;
    }

    private void Feed(NetAddress from, ReadOnlySpan<byte> input)
    {
        input.CopyTo(datagram);
        node.OnDatagram(now, from, datagram.AsSpan(0, input.Length), events);
        events.Clear();
        Write();
    }

    private void Write()
    {
        if (node.NextTimer <= now)
            node.OnTimer(now, events);
        events.Clear();
        while (true)
        {
            var writer = new DatagramWriter(buffer);
            if (!node.WriteDatagram(now, ref writer))
                return;
            if (sent.Count == 0)
                sent.Add(writer.Datagram.ToArray());
        }
    }
}
