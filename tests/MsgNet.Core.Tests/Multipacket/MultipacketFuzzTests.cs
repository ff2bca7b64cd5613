using System.Buffers.Binary;
using System.Text;
using MsgNet.Core;
using MsgNet.Core.Tests.Frames;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Multipacket;

/// <summary>Hostile sequences: whatever a peer sends, in whatever order, the bounds hold and memory stays.</summary>
public sealed class MultipacketFuzzTests
{
    private const int Steps = 1_000_000;

    [Fact]
    [Covers("MP-033", "MP-043")]
    public void A_million_different_names_make_nothing_grow()
    {
        var registry = new ProtocolRegistry();
        registry.Register("/a");
        var names = new IncomingNames(new ResetBudget());
        var body = Init("/00000000", 1);
        var buffer = new byte[1200];
        var sentInSecond = new Dictionary<long, int>(capacity: 100);
        var i = 0;
        Names(1000);
        Allocations.AssertNone(() => Names(Steps));
        Assert.Equal(0, names.Count);
        Assert.All(sentInSecond.Values, sent => Assert.InRange(sent, 1, Limits.ResetsPerSecondMax));

        void Names(int count)
        {
            for (var end = i + count; i < end; i++)
                Name();
        }

        void Name()
        {
            var protocolInt = (ushort)((i % ushort.MaxValue) + 1);
            Assert.True(i.TryFormat(body.AsSpan(4), out _, "x8"));
            BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(body.Length - 2), protocolInt);
            var now = Instant.FromMicroseconds(i * 10L);
            if (!InitFrame.TryParse(body, out var init) || names.OnInit(now, init, registry, out _) != InitStatus.NotSupported)
                Assert.Fail($"Name {i} should be well formed and unknown.");
            names.TryResolve(now, protocolInt, out _);
            var writer = new WireWriter(buffer);
            names.TryWriteControl(now, ref writer);
            var second = now.Microseconds / 1_000_000;
            sentInSecond[second] = sentInSecond.GetValueOrDefault(second) + (writer.Position / 4);
        }
    }

    [Fact]
    [Covers("MP-034", "MP-035", "MP-037", "MP-043")]
    public void Random_sequences_keep_every_bound_of_incoming_names()
    {
        var random = new Random(11);
        var registry = new ProtocolRegistry();
        var bodies = Enumerable.Range(0, 400).Select(i => Init($"/{i}", 1)).ToArray();
        for (var i = 0; i < 300; i++)
            registry.Register($"/{i}");
        var names = new IncomingNames(new ResetBudget());
        var buffer = new byte[1200];
        var resets = new Queue<Instant>();
        for (var i = 0; i < Steps; i++)
        {
            var now = Instant.FromMicroseconds(i * 100L);
            var body = bodies[random.Next(bodies.Length)];
            BinaryPrimitives.WriteUInt16BigEndian(body, (ushort)random.Next(4));
            BinaryPrimitives.WriteUInt16BigEndian(body.AsSpan(body.Length - 2), (ushort)random.Next(1, 500));
            Assert.True(InitFrame.TryParse(body, out var init));
            if (names.OnInit(now, init, registry, out var taken) == InitStatus.Taken)
            {
                Assert.True(names.TryResolve(now, init.ProtocolInt, out var resolved));
                Assert.Same(taken, resolved);
            }

            names.TryResolve(now, (ushort)random.Next(1, 500), out _);
            if (random.Next(1000) == 0 && !registry.Unregister($"/{i % 300}"))
                registry.Register($"/{i % 300}");
            if (random.Next(10) == 0)
                Drain(names, now, buffer, resets);
            Assert.True(names.Count <= Limits.NamesMax);
        }

        Assert.Equal(Limits.NamesMax, names.Count);
    }

    [Fact]
    [Covers("MP-055")]
    public void Random_pieces_keep_every_bound_of_the_reassembler()
    {
        var mutator = new Mutator(12);
        var random = mutator.Random;
        var corpus = Enumerable.Range(0, 300).Select(i => Piece((ulong)(i % 12), random)).ToList();
        var reassembler = new FragmentReassembler(new NodeCounters());
        var joined = 0;
        for (var i = 0; i < Steps; i++)
        {
            if (!FragmentFrame.TryParse(mutator.Next(corpus), out var piece))
                continue;
            var bytes = piece.Bytes.Length;
            var before = GC.GetAllocatedBytesForCurrentThread();
            var whole = reassembler.OnFragment(Instant.FromMicroseconds(i * 500L), piece, out var frame);
            var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            // A pooled buffer that doubles: twice what is held, once.
            if (allocated > (4 * (reassembler.UnfinishedBytes + frame.Count + bytes)) + 1024)
                Assert.Fail($"Piece {i} of {bytes} bytes allocated {allocated}.");
            if (reassembler.UnfinishedCount > Limits.ReassembliesMax || reassembler.UnfinishedBytes > Limits.ReassemblyBytesMax)
                Assert.Fail($"Piece {i}: {reassembler.UnfinishedCount} messages, {reassembler.UnfinishedBytes} bytes.");
            if (whole && (frame.Count == 0 || frame.Count > FrameSize.Max))
                Assert.Fail($"Piece {i} joined a frame of {frame.Count} bytes.");
            joined += whole ? 1 : 0;
            if (whole)
                System.Buffers.ArrayPool<byte>.Shared.Return(frame.Array!);
        }

        Assert.True(joined > 1000, $"Only {joined} frames joined: the test does not reach the end of its subject.");
        reassembler.Expire(Instant.FromMicroseconds((Steps * 500L) + 2_000_000));
        Assert.Equal((0, 0), (reassembler.UnfinishedCount, reassembler.UnfinishedBytes));
    }

    private static void Drain(IncomingNames names, Instant now, byte[] buffer, Queue<Instant> resets)
    {
        var writer = new WireWriter(buffer);
        names.TryWriteControl(now, ref writer);
        var reader = new FrameListReader(writer.Written);
        while (reader.TryNext(out var frame) == FrameReadStatus.Frame)
        {
            if (frame.Type == FrameType.Reset)
                resets.Enqueue(now);
            else
                Assert.True(AckFrame.TryParse(frame.Body, out var ack) && ack.TransportId != 0);
        }

        while (resets.TryPeek(out var oldest) && now - oldest >= TimeSpan.FromSeconds(1))
            resets.Dequeue();
        Assert.True(resets.Count <= Limits.ResetsPerSecondMax);
    }

    private static byte[] Piece(ulong id, Random random)
    {
        var count = id % 3 == 0 ? 64 : random.Next(2, 4);
        var length = id % 3 == 0 ? 1000 : 40;
        var bytes = new byte[length];
        return FrameBytes.Single(
            FrameBytes.Of((ref WireWriter w) => FrameWriter.TryWriteFragment(ref w, id, random.Next(count), count, bytes)))[1..];
    }

    private static byte[] Init(string name, ushort protocolInt) => FrameBytes.Single(
        FrameBytes.Of((ref WireWriter w) => FrameWriter.TryWriteInit(ref w, 1, Encoding.ASCII.GetBytes(name), protocolInt, default)))[1..];
}
