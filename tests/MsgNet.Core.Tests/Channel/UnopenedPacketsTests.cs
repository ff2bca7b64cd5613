using MsgNet.Testing;

namespace MsgNet.Core.Tests.Channel;

/// <summary>Whatever happens while packets are opened, no key is kept.</summary>
public sealed class UnopenedPacketsTests : IDisposable
{
    private readonly UnopenedPackets packets = new();
    private readonly FailingKey first = new();
    private readonly FailingKey second = new();

    public void Dispose()
    {
        first.Dispose();
        second.Dispose();
    }

    [Fact]
    [Covers("SEC-071")]
    public void Keys_are_lent_until_the_last_of_their_packets_in_a_row_is_opened()
    {
        foreach (var key in new[] { first, first, second, null, first })
            packets.Add(key);
        Assert.Equal((2, 1), (first.Lent, second.Lent));
        packets.OpenNext(new byte[40]);
        Assert.Equal((2, 1), (first.Lent, second.Lent));
        packets.OpenNext(new byte[41]);
        Assert.Equal((1, 1), (first.Lent, second.Lent));
        packets.OpenNext(new byte[42]);
        packets.OpenNext(new byte[43]);
        Assert.Equal((1, 0), (first.Lent, second.Lent));
        packets.OpenNext(new byte[44]);
        Assert.Equal((0, 0), (first.Lent, second.Lent));
        Assert.Equal([40, 41, 44], first.Opened);
        Assert.Equal([42], second.Opened);
        Assert.Equal([true, true, true, false, true], Enumerable.Range(0, packets.Count).Select(i => packets[i].IsAuthentic));
        packets.Clear();
        Assert.Equal((0, 0), (first.Lent, second.Lent));
    }

    [Fact]
    [Covers("SEC-071")]
    public void What_could_not_be_opened_gives_back_its_keys()
    {
        foreach (var key in new[] { first, first, second, first, null })
            packets.Add(key);
        first.Fails = true;
        Assert.Throws<InsufficientMemoryException>(() => packets.OpenNext(new byte[40]));
        packets.Clear();
        Assert.Equal((0, 0), (first.Lent, second.Lent));
        Assert.Equal(0, packets.Count);

        first.Fails = false;
        packets.Add(first);
        packets.OpenNext(new byte[45]);
        Assert.Equal([45], first.Opened);
        Assert.Equal(0, first.Lent);
    }

    [Fact]
    public void There_is_room_for_as_many_as_come()
    {
        for (var i = 0; i < 100; i++)
            packets.Add(i % 3 == 0 ? null : first);
        for (var i = 0; i < 100; i++)
            packets.OpenNext(new byte[100 + i]);
        Assert.Equal(Enumerable.Range(0, 100).Where(i => i % 3 != 0).Select(i => 100 + i), first.Opened);
        Assert.Equal(0, first.Lent);
    }

    private sealed class FailingKey : IOpeningKey
    {
        public bool Fails { get; set; }

        public int Lent { get; private set; }

        public List<int> Opened { get; } = [];

        public bool TryOpenLent(Span<byte> datagram, out ulong counter, out int plaintextLength)
        {
            if (Fails)
                throw new InsufficientMemoryException();

            Assert.True(Lent > 0);
            Opened.Add(datagram.Length);
            counter = 0;
            plaintextLength = datagram.Length;
            return true;
        }

        public void Lend() => Lent++;

        public void Return() => Lent--;

        public void Dispose()
        {
        }
    }
}
