using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>Datagrams of one batch, and how they are put together to runs.</summary>
public class OutgoingBatchTests
{
    private static readonly NetAddress Here = new(0, 0xFFFF_7F00_0001, 4001, 0, 0);
    private readonly OutgoingBatch batch = new();

    [Fact]
    [Covers("API-201")]
    public void Datagrams_of_one_size_to_one_address_go_together_and_a_shorter_one_ends_the_run()
    {
        Assert.True(batch.IsEmpty);
        Add(Here, 100, 1);
        Add(Here, 100, 2);
        Add(Here, 30, 3);
        Assert.Equal(1, batch.Runs.Length);
        Assert.Equal((100, 230), (batch.SegmentSize, batch.Runs[0].Length));
        var bytes = batch.BytesOf(batch.Runs[0]);
        Assert.Equal((1, 2, 3), (bytes[0], bytes[100], bytes[200]));
        Add(Here, 30, 4);
        Assert.Equal(2, batch.Runs.Length);
        Assert.Equal(30, batch.SegmentSize);
        Assert.Equal(4, batch.BytesOf(batch.Runs[1])[0]);
    }

    [Fact]
    [Covers("API-201")]
    public void What_does_not_belong_to_a_run_starts_the_next_where_it_was_written()
    {
        Add(Here, 100, 1);
        var other = Here with { LocalPort = 1 };
        (NetAddress, int)[] others = [(Here with { Port = 4002 }, 100), (other, 100), (other, 101)];
        foreach (var (to, length) in others)
        {
            Add(to, length, 9);
            var run = batch.Runs[^1];
            Assert.Equal((to, length, length, (byte)9), (run.To, run.SegmentSize, run.Length, batch.BytesOf(run)[0]));
        }

        Assert.Equal(4, batch.Runs.Length);
        batch.Clear();
        Assert.True(batch.IsEmpty);
        Assert.Equal(0, batch.SegmentSize);
        Add(Here, 1472, 1);
        Assert.Equal(0, batch.Runs[0].Start);
    }

    [Theory]
    [InlineData(100, 128)]
    [InlineData(1200, 54)]
    [InlineData(1472, 44)]
    [Covers("API-201")]
    public void A_run_holds_no_more_than_one_call_takes_and_there_is_always_room_for_the_next(int size, int datagrams)
    {
        for (var i = 0; i < 1_000; i++)
        {
            Assert.True(batch.Next(0).Buffer.Length >= Limits.DatagramSizeMax);
            Add(Here with { Port = (ushort)(i % 3 == 0 ? 1 : 2) }, size, 0);
            foreach (var run in batch.Runs)
                Assert.InRange(run.Length, 1, 65_507);
            if (batch.IsFull)
                batch.Clear();
        }

        batch.Clear();
        while (!batch.IsFull)
            Add(Here, size, 0);
        Assert.Equal(datagrams, batch.Runs[0].Length / size);
    }

    [Theory]
    [InlineData(5_956, 10)]
    [InlineData(8_972, 7)]
    [InlineData(1_472, 44)]
    [Covers("API-201")]
    public void What_one_call_cannot_take_waits_for_the_next_and_does_not_leave_in_a_call_of_its_own(int size, int datagrams)
    {
        while (!batch.IsFull)
            Add(Here, size, 0);

        Assert.Equal(1, batch.Runs.Length);
        Assert.Equal(datagrams * size, batch.Runs[0].Length);
    }

    private void Add(in NetAddress to, int length, byte mark)
    {
        var writer = batch.Next(batch.SegmentSize);
        writer.Buffer[0] = mark;
        batch.Add(to, length, null, null);
    }
}
