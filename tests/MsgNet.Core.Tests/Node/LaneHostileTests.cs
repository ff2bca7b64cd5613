using MsgNet.Testing;
using StandIn = MsgNet.Simulation.SimulatedCrypto;

namespace MsgNet.Core.Tests.Node;

/// <summary>What a peer may do with lanes without harm.</summary>
public class LaneHostileTests : IDisposable
{
    private readonly Door door = new();

    public void Dispose() => door.Dispose();

    [Fact]
    [Covers("MP-008", "MP-009", "MP-025", "MP-027")]
    public void Bad_frames_are_counted_and_a_hundred_end_the_channel()
    {
        var raw = door.Confirmed(1);
        byte[][] bad =
        [
            [1, (byte)FrameType.Msp], // no lane
            [2, (byte)FrameType.Msp, 0], // no packet
            [3, (byte)FrameType.Msp, 0x80, 0x80], // an unfinished lane
            [3, (byte)FrameType.LaneWindow, 0, 0], // half a window
            [5, (byte)FrameType.LaneWindow, 0, 0, 16, 0], // more than one
            [4, (byte)FrameType.LaneWindow, 0, 0, 0], // no window at all
            [4, (byte)FrameType.LaneWindow, 0, 0x20, 0x01], // 8,193
        ];
        var count = 0;
        foreach (var frame in bad)
        {
            door.Deliver(raw.Address, raw.Data(frame));
            Assert.Equal(++count, door.Counters.Dropped(DropReason.BadFrame));
        }

        // Good ones among them change nothing.
        door.Throw(raw.Address, raw.Data([4, (byte)FrameType.LaneWindow, 0, 0, 64]));
        while (++count < Limits.BadFramesMax)
            door.Throw(raw.Address, raw.Data(bad[count % bad.Length]));
        Assert.DoesNotContain(door.Log, happened => happened.Kind == NodeEventKind.PeerLost);
        door.Throw(raw.Address, raw.Data(bad[0]));
        Assert.Equal(PeerLoss.ProtocolError, door.Log[^1].Loss);
        var (type, body) = Assert.Single(raw.Open(door.Sent[^1].Datagram));
        Assert.Equal(FrameType.Close, type);
        Assert.Equal([0, 2], body);
    }

    [Fact]
    [Covers("LANE-013", "LANE-002")]
    public void Lanes_beyond_all_measure_cost_nothing_but_STOPs()
    {
        var raw = door.Confirmed(1);
        for (ulong number = 0; number < 3_000; number++)
        {
            var lane = (number << 2) | SideOf(raw);
            door.Throw(raw.Address, raw.Data(Packet(lane, 0x04, "/chat"u8, "x"u8)));
        }

        Assert.Equal(Limits.LanesPerSideMax, door.Counters.LanesAccepted);
        Assert.InRange(door.Counters.LanesRefused, 1, 200);
        Assert.DoesNotContain(door.Log, happened => happened.Kind == NodeEventKind.PeerLost);
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer) && peer.IsReady);
    }

    [Theory]
    [Covers("LANE-038")]
    [InlineData(false)]
    [InlineData(true)]
    public void What_an_MSP_frame_in_FRAGMENTs_acknowledges_does_not_count(bool inPieces)
    {
        var raw = door.Confirmed(1);
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer));
        Assert.Equal(SendStatus.Accepted, door.Node.TryOpenLane(door.Now, peer, "/chat", LaneKind.Stream, allowEarly: true, out var lane));
        Assert.Equal(SendStatus.Accepted, door.Node.TrySend(door.Now, lane!, "x"u8));
        door.Throw(raw.Address, raw.Data([]));
        Assert.Equal(1UL, lane!.Machine.NextSequence);

        byte[] answer = [(byte)lane.Id, (byte)MspFlags.Ack, 0, 0, 0, 0, 0, 4, (byte)FrameType.Continuation, 0, 1, (byte)'y'];
        if (inPieces)
        {
            for (byte piece = 0; piece < 2; piece++)
            {
                byte[] part = piece == 0 ? [(byte)FrameType.Msp, .. answer[..6]] : answer[6..];
                door.Throw(raw.Address, raw.Data(RawPeer.Frames((ref WireWriter writer) =>
                    FrameWriter.TryWriteFragment(ref writer, 1, piece, 2, part))));
            }
        }
        else
        {
            door.Throw(raw.Address, raw.Data([(byte)(answer.Length + 1), (byte)FrameType.Msp, .. answer]));
        }

        Assert.Equal(inPieces ? 0UL : 1UL, lane.Delivered);
        Assert.Contains(door.Log, happened => happened.Kind == NodeEventKind.LaneReadable && happened.Lane == lane);
    }

    [Fact]
    [Covers("LANE-010")]
    public void An_oversized_MSP_frame_in_FRAGMENTs_is_put_together()
    {
        var raw = door.Confirmed(1);
        var frame = Packet(SideOf(raw), 0x04, "/chat"u8, new byte[1_000])[2..];
        for (byte piece = 0; piece < 2; piece++)
        {
            var part = piece == 0 ? frame[..600] : frame[600..];
            door.Throw(raw.Address, raw.Data(RawPeer.Frames((ref WireWriter writer) =>
                FrameWriter.TryWriteFragment(ref writer, 1, piece, 2, part))));
        }

        var readable = Assert.Single(door.Log, happened => happened.Kind == NodeEventKind.LaneReadable);
        Assert.True(door.Node.TryPeekMessage(readable.Lane!, out var message));
        Assert.Equal(1_000, message.Data.Length);
    }

    [Fact]
    [Covers("LANE-038")]
    public void An_acknowledgement_that_was_overtaken_says_nothing()
    {
        var raw = door.Confirmed(1);
        Assert.True(door.Node.TryFindPeer(raw.Id, out var peer));
        Assert.Equal(
            SendStatus.Accepted, door.Node.TryOpenLane(door.Now, peer, "/chat", LaneKind.Ordered, allowEarly: true, out var lane));
        for (var i = 0; i < 6; i++)
        {
            Assert.Equal(SendStatus.Accepted, door.Node.TrySend(door.Now, lane!, "message"u8));
            door.Settle(default);
        }

        var overtaken = raw.Data([5, (byte)FrameType.Msp, (byte)lane!.Id, (byte)MspFlags.Ack, 4, 0]);
        door.Throw(raw.Address, raw.Data([5, (byte)FrameType.Msp, (byte)lane.Id, (byte)MspFlags.Ack, 2, 0]));
        Assert.Equal(3UL, lane.Delivered);
        door.Throw(raw.Address, overtaken);
        Assert.Equal(3UL, lane.Delivered);
    }

    private ulong SideOf(RawPeer raw)
    {
        Span<byte> key = stackalloc byte[32];
        Assert.True(raw.Id.TryGetEd25519(key));
        return key.SequenceCompareTo(door.Crypto.PublicKey) < 0 ? 0ul : 1ul;
    }

    // The first packet of a lane, in a list.
    private static byte[] Packet(ulong lane, byte flags, ReadOnlySpan<byte> name, ReadOnlySpan<byte> message)
    {
        var frame = new WireWriter(new byte[1_400]);
        BareFrameWriter.TryWriteInit(ref frame, 0, name, 1, message);
        var packet = new WireWriter(new byte[1_400]);
        packet.WriteBytes([flags, 0, 0, 0, 0, 0]);
        packet.WriteUvarint((ulong)frame.Position);
        packet.WriteBytes(frame.Written);
        var list = new WireWriter(new byte[1_400]);
        list.WriteUvarint((ulong)FrameSize.Msp(lane, packet.Position));
        list.WriteByte((byte)FrameType.Msp);
        list.WriteUvarint(lane);
        list.WriteBytes(packet.Written);
        return list.Written.ToArray();
    }
}
