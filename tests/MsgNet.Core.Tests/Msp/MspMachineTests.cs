using System.Buffers.Binary;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>The machine of one connection, without carriers: numbers, acknowledgements, windows, ends.</summary>
public sealed class MspMachineTests
{
    private const int SegmentsOfFifteenWraps = 1_000_000;
    private readonly BufferPool pool = new(poison: true);

    [Fact]
    public void A_segment_arrives_and_is_acknowledged_when_it_is_consumed()
    {
        using var alice = Machine();
        using var bob = Machine();
        alice.Append([1, 2, 3]);
        var packet = Send(alice);
        Assert.Equal("04ffff0000010203", Convert.ToHexStringLower(packet));
        Assert.Equal(MspVerdict.Accepted, Give(bob, packet));
        Assert.True(bob.TryPeekReceived(out var sequence, out var data));
        Assert.Equal([1, 2, 3], data.ToArray());
        Assert.Equal("02ffff", Ack(bob));
        bob.Take(sequence);
        Assert.Equal("02ffff", Ack(bob));
        bob.Consume(sequence);
        Assert.Equal("020000", Ack(bob));
        Assert.Equal(1UL, alice.NextSequence);
        Assert.Equal(0UL, alice.FirstUnacknowledged);
        Assert.Equal(MspVerdict.Taken, Give(alice, Convert.FromHexString("020000")));
        Assert.Equal(1UL, alice.FirstUnacknowledged);
        Assert.Equal(0, alice.BytesKept);
    }

    [Fact]
    public void FIRST_is_set_until_anything_was_heard_and_ACK_once_data_came()
    {
        using var alice = Machine();
        using var bob = Machine();
        Assert.Equal("04ffff", Ack(alice));
        alice.Append([]);
        alice.Append([9]);
        Assert.Equal(MspFlags.First, (MspFlags)Send(alice)[0]);
        Give(alice, Convert.FromHexString(Ack(bob)));
        Assert.Equal(MspFlags.None, (MspFlags)Send(alice)[0]);
        Give(bob, [0, 0xFF, 0xFF, 0, 0]);
        Assert.Equal(MspFlags.Ack, (MspFlags)Convert.FromHexString(Ack(bob))[0]);
    }

    [Fact]
    public void SHUTDOWN_goes_on_the_last_segment_not_sent_yet_or_on_an_extra_one()
    {
        using var unsent = Machine();
        unsent.Append([1]);
        unsent.Append([2]);
        unsent.Shutdown();
        unsent.Shutdown();
        Assert.False(unsent.CanAppend);
        Assert.Throws<InvalidOperationException>(() => unsent.Append([3]));
        Assert.Equal(MspFlags.First, (MspFlags)Send(unsent)[0]);
        Assert.Equal("05ffff010002", Convert.ToHexStringLower(Send(unsent)));
        Assert.False(unsent.HasToSend);

        using var sent = Machine(window: 1);
        sent.Append([1]);
        Send(sent);
        sent.Shutdown();
        Assert.False(sent.HasToSend);
        Give(sent, Convert.FromHexString("020000"));
        Assert.Equal("01ffff0100", Convert.ToHexStringLower(Send(sent)));
        Assert.False(sent.IsSentCompletely);
        Give(sent, Convert.FromHexString("020100"));
        Assert.True(sent.IsSentCompletely);
        Assert.False(sent.IsDone);
    }

    [Fact]
    public void Both_ends_are_done_when_both_have_shut_down_and_consumed()
    {
        using var alice = Machine();
        using var bob = Machine();
        alice.Append([1]);
        alice.Shutdown();
        bob.Shutdown();
        Give(bob, Send(alice));
        Give(alice, Send(bob));
        Assert.False(bob.IsEnded);
        Finish(bob);
        Assert.True(bob.IsEnded);
        Assert.False(bob.IsDone);
        Finish(alice);
        Give(bob, Convert.FromHexString(Ack(alice)));
        Give(alice, Convert.FromHexString(Ack(bob)));
        Assert.True(alice.IsDone);
        Assert.True(bob.IsDone);
    }

    [Theory]
    [InlineData("02ffff", false, 0UL)]
    [InlineData("020000", false, 1UL)]
    [InlineData("020100", false, 2UL)]
    [InlineData("020200", true, 0UL)]
    [InlineData("02ff7f", false, 0UL)]
    [InlineData("02fe7f", true, 0UL)]
    [InlineData("020080", false, 0UL)]
    [InlineData("00010000", false, 0UL)]
    [InlineData("0200ff", false, 0UL)]
    public void Only_what_was_sent_can_be_acknowledged(string packet, bool refused, ulong firstUnacknowledged)
    {
        using var alice = Machine();
        for (var i = 0; i < 3; i++)
            alice.Append([1]);
        Send(alice);
        Send(alice);
        Assert.Equal(refused ? MspVerdict.BadAck : MspVerdict.Taken, Give(alice, Convert.FromHexString(packet)));
        Assert.Equal(firstUnacknowledged, alice.FirstUnacknowledged);
        Assert.Equal(3UL, alice.NextSequence);
    }

    [Fact]
    public void A_packet_with_an_impossible_acknowledgement_leaves_nothing_behind()
    {
        using var alice = Machine();
        Assert.Equal(MspVerdict.BadAck, Give(alice, Convert.FromHexString("020000000041")));
        Assert.False(alice.HasHeard);
        Assert.False(alice.TryPeekReceived(out _, out _));
    }

    [Fact]
    public void An_overtaken_acknowledgement_does_not_cost_the_data_beside_it()
    {
        using var alice = Machine();
        alice.Append([1]);
        Send(alice);
        Give(alice, Convert.FromHexString("020000"));
        Assert.Equal(MspVerdict.Accepted, Give(alice, Convert.FromHexString("02ffff000041")));
        Assert.Equal(1UL, alice.FirstUnacknowledged);
        Assert.True(alice.TryPeekReceived(out _, out var data));
        Assert.Equal([0x41], data.ToArray());
    }

    [Fact]
    public void Data_is_judged_by_the_window_the_place_and_the_end()
    {
        using var bob = Machine(window: 4);
        Assert.Equal(MspVerdict.BeyondWindow, Give(bob, Data(4)));
        Assert.Equal(MspVerdict.Accepted, Give(bob, Data(3)));
        Assert.Equal(MspVerdict.Duplicate, Give(bob, Data(3)));
        Assert.Equal(MspVerdict.Duplicate, Give(bob, Data(0xFFFF)));
        Assert.Equal(MspVerdict.Duplicate, Give(bob, Data(0x8000)));
        Assert.Equal(MspVerdict.BeyondWindow, Give(bob, Data(0x7FFF)));
        Assert.Equal(MspVerdict.Broken, Give(bob, Data(2, last: true)));
        Assert.Equal(MspVerdict.Accepted, Give(bob, Data(0)));
        Finish(bob);
        Assert.Equal(MspVerdict.Accepted, Give(bob, Data(4, last: true)));
        Assert.Equal(MspVerdict.Duplicate, Give(bob, Data(0)));
        bob.ReceiveWindow = 8;
        bob.ReceiveWindow = 2;
        Assert.Equal(MspVerdict.Broken, Give(bob, Data(5)));
        Assert.Equal(MspVerdict.Broken, Give(bob, Data(2, last: true)));
        Assert.Equal(MspVerdict.Accepted, Give(bob, Data(2)));
        Assert.False(bob.TryPeekReceived(out _, out _));
        Assert.True(bob.TryGetReceived(2, out _));
        Assert.False(bob.TryGetReceived(1, out _));
        Assert.False(bob.TryGetReceived(0, out _));
        Assert.Equal(MspVerdict.Accepted, Give(bob, Data(1)));
        Finish(bob);
        Assert.True(bob.IsEnded);
        Assert.Equal(MspVerdict.Broken, Give(bob, Data(5)));
    }

    [Fact]
    public void What_was_consumed_out_of_order_is_acknowledged_in_order()
    {
        using var bob = Machine();
        for (ushort i = 0; i < 3; i++)
            Give(bob, Data(i));
        bob.Take(1);
        Assert.Equal(2, bob.BytesReceived);
        bob.Consume(1);
        Assert.True(bob.TryPeekReceived(out var next, out _));
        Assert.Equal(0UL, next);
        Assert.Equal(0UL, bob.Consumed);
        bob.Take(0);
        Assert.True(bob.TryPeekReceived(out next, out _));
        Assert.Equal(2UL, next);
        bob.Consume(0);
        bob.Consume(0);
        Assert.Equal(2UL, bob.Consumed);
        Assert.Equal(1, bob.BytesReceived);
    }

    [Fact]
    public void The_lowest_lost_segment_goes_first_and_the_oldest_under_way_is_the_probe()
    {
        using var alice = Machine();
        for (var i = 0; i < 6; i++)
            alice.Append([(byte)i]);
        for (var i = 0; i < 5; i++)
            Send(alice);
        alice.OnArrived(0);
        alice.OnArrived(0);
        alice.OnLost(3);
        alice.OnLost(1);
        alice.OnLost(1);
        alice.OnLost(0);
        alice.OnLost(5);
        alice.OnLost(77);
        alice.OnArrived(77);
        Assert.Equal(5, alice.BytesKept);
        Assert.True(alice.TryPeekProbe(out var probe, out var length));
        Assert.Equal((1UL, 6), (probe, length));
        Assert.Equal(1, Sequence(Send(alice)));
        alice.OnLost(2);
        alice.OnArrived(3);
        Assert.Equal(2, Sequence(Send(alice)));
        Assert.Equal(5, Sequence(Send(alice)));
        Assert.False(alice.TryPeekSend(out _, out _));
        alice.OnLost(4);
        Give(alice, Convert.FromHexString("020500"));
        Assert.False(alice.HasToSend);
        Assert.False(alice.TryPeekProbe(out _, out _));
        Assert.Equal(0, alice.BytesKept);
    }

    [Fact]
    public void A_window_is_never_taken_back_and_must_fit_the_numbers()
    {
        using var alice = Machine(window: 2);
        alice.SendWindow = 1;
        alice.Append([1]);
        alice.Append([1]);
        Assert.False(alice.CanAppend);
        alice.SendWindow = 3;
        Assert.True(alice.CanAppend);
        Assert.Throws<ArgumentOutOfRangeException>(() => alice.SendWindow = 32_768);
        Assert.Throws<ArgumentOutOfRangeException>(() => alice.ReceiveWindow = 0);
        Assert.Throws<ArgumentOutOfRangeException>(
            () => new MspMachine(new MspMachineSettings { SequenceBits = 4, SendWindow = 8, ReceiveWindow = 4 }, pool));
    }

    [Fact]
    public void STOP_changes_nothing_but_is_told()
    {
        using var alice = Machine();
        alice.Append([1]);
        Send(alice);
        Assert.Equal(MspVerdict.Stopped, Give(alice, Convert.FromHexString("0a0000000041")));
        Assert.Equal(0UL, alice.FirstUnacknowledged);
        Assert.False(alice.TryPeekReceived(out _, out _));
    }

    [Fact]
    public void A_steady_flow_allocates_nothing()
    {
        using var alice = Machine();
        using var bob = Machine();
        var packet = new byte[64];
        Exchange(alice, bob, packet, 1000);
        Allocations.AssertAtMost<byte>(0, packet, _ => Exchange(alice, bob, packet, 1000));
    }

    [Fact]
    public void A_million_segments_across_fifteen_wraps_arrive_once_and_in_order()
    {
        using var alice = Machine(window: Limits.LaneWindowMax);
        using var bob = Machine(window: Limits.LaneWindowMax);
        var packet = new byte[64];
        Exchange(alice, bob, packet, 65_530);
        var flow = new LossyFlow(alice, bob, new Random(4));
        flow.Run(SegmentsOfFifteenWraps);
        Assert.Equal(65_530UL + SegmentsOfFifteenWraps, bob.Consumed);
        Assert.Equal(0, alice.BytesKept);
        Assert.Equal(0, bob.BytesReceived);
        Assert.InRange(flow.Lost, SegmentsOfFifteenWraps / 4, SegmentsOfFifteenWraps);
        Assert.InRange(flow.Duplicates, SegmentsOfFifteenWraps / 4, 2 * SegmentsOfFifteenWraps);
        Assert.True(flow.WindowWasFull > 100, $"The window was full {flow.WindowWasFull} times.");
    }

    private static void Exchange(MspMachine alice, MspMachine bob, byte[] packet, int count)
    {
        for (var i = 0; i < count; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(packet, alice.NextSequence);
            alice.Append(packet.AsSpan(0, 8));
            alice.TryPeekSend(out var sequence, out _);
            _ = MspPacket.TryParse(packet.AsSpan(0, alice.WriteData(sequence, packet)), out var data);
            bob.OnPacket(data);
            alice.OnArrived(sequence);
            Finish(bob);
            _ = MspPacket.TryParse(packet.AsSpan(0, bob.WriteAck(packet)), out var ack);
            alice.OnPacket(ack);
        }
    }

    private static byte[] Data(ushort sequence, bool last = false) =>
        [last ? (byte)1 : (byte)0, 0, 0, (byte)sequence, (byte)(sequence >> 8), 7];

    private static void Finish(MspMachine machine)
    {
        while (machine.TryPeekReceived(out var sequence, out _))
        {
            machine.Take(sequence);
            machine.Consume(sequence);
        }
    }

    private static byte[] Send(MspMachine machine)
    {
        Assert.True(machine.TryPeekSend(out var sequence, out var length));
        var packet = new byte[length];
        Assert.Equal(length, machine.WriteData(sequence, packet));
        return packet;
    }

    private static MspVerdict Give(MspMachine machine, byte[] bytes)
    {
        Assert.True(MspPacket.TryParse(bytes, out var packet));
        return machine.OnPacket(packet);
    }

    private static int Sequence(byte[] packet) => BinaryPrimitives.ReadUInt16LittleEndian(packet.AsSpan(3));

    private static string Ack(MspMachine machine)
    {
        var packet = new byte[MspPacket.AckLength];
        Assert.Equal(MspPacket.AckLength, machine.WriteAck(packet));
        return Convert.ToHexStringLower(packet);
    }

    private MspMachine Machine(int window = 16) =>
        new(new MspMachineSettings { SendWindow = window, ReceiveWindow = window }, pool);
}
