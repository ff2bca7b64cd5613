using System.Net;
using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>specs/msp.md section 5: who is let in, who is answered, who is forgotten.</summary>
public sealed class MspEndpointTests : IDisposable
{
    private readonly MspBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    [Covers("MSP-051")]
    public void Connections_are_told_apart_by_both_addresses_and_ports()
    {
        var id = new byte[32];
        id[31] = 2;
        MspAddress[] others = [new(id, 8), new(id, 9), new([3, .. id.AsSpan(1)], 8), MspAddress.From(IPAddress.Loopback, 8)];
        Assert.Equal(4, others.Distinct().Count());
        bench.Listen(MspProfile.Default);
        foreach (var (i, other) in others.Index())
        {
            bench.In(other, $"04ffff0000{i:x2}");
            Assert.Equal(other, bench.Connection.Pair.Remote);
            Assert.True(bench.Connection.TryPeek(out var message));
            Assert.Equal(i, message[0]);
        }

        Assert.Equal(4, bench.Endpoint.ConnectionCount);
        Span<byte> written = stackalloc byte[32];
        others[2].WriteId(written);
        Assert.Equal(others[2], new MspAddress(written, 8));
        Assert.Throws<ArgumentException>(() => new MspAddress(new byte[31], 1));
    }

    [Theory]
    [InlineData("04ffff")]
    [InlineData("04ffff000061")]
    [InlineData("05ffff000061")]
    [InlineData("04ffffff")] // a fourth byte says nothing
    [Covers("MSP-052", "MSP-025")]
    public void FIRST_opens_a_connection_where_something_listens_and_brings_its_data(string first)
    {
        bench.Listen(MspProfile.Default);
        bench.In(first);
        Assert.Equal(MspEventKind.Accepted, bench.Kinds[0]);
        if (first.Length > 8)
        {
            Assert.Contains(MspEventKind.Readable, bench.Kinds);
            Assert.Equal("a", bench.Read());
        }

        Assert.Equal(first.Length > 8 ? "020000" : "00ffff", bench.Wait(1));
        Assert.True(bench.Connection.States.HasFlag(MspStates.ReceivedPacket));
        Assert.Equal(first.Length > 8, bench.Connection.States.HasFlag(MspStates.ReceivedData));
    }

    [Theory]
    [InlineData("04")]
    [InlineData("04ff")]
    [InlineData("00ffff")]
    [InlineData("020000")]
    [InlineData("00ffff000061")]
    [Covers("MSP-052", "MSP-053")]
    public void Anything_else_is_answered_with_STOP(string packet)
    {
        bench.Listen(MspProfile.Default);
        bench.In(packet);
        Assert.Empty(bench.Kinds);
        Assert.Equal("08", bench.Out());
        Assert.Equal(0, bench.Endpoint.ConnectionCount);
    }

    [Theory]
    [InlineData("08")]
    [InlineData("0cffff000061")]
    [Covers("MSP-017", "MSP-053")]
    public void STOP_is_never_answered(string stop)
    {
        bench.Listen(MspProfile.Default);
        bench.In(stop);
        Assert.Equal("", bench.Out());
        Assert.Empty(bench.Kinds);
    }

    [Fact]
    [Covers("MSP-021", "MSP-052")]
    public void FIRST_that_acknowledges_what_nobody_sent_opens_nothing()
    {
        bench.Listen(MspProfile.Default);
        bench.In("060000000061");
        Assert.Empty(bench.Kinds);
        Assert.Equal("", bench.Out());
        Assert.Equal(1, bench.Endpoint.Counters.BadAcks);
    }

    [Fact]
    [Covers("MSP-052", "MSP-053")]
    public void Listeners_take_their_own_address_before_one_for_all_and_nothing_once_closed()
    {
        var exact = bench.Endpoint.Listen(MspBench.Here, MspProfile.Serval);
        bench.Listen(MspProfile.Default);
        Assert.Throws<InvalidOperationException>(() => bench.Endpoint.Listen(MspBench.Here, MspProfile.Default));
        bench.In("04ffff");
        Assert.Same(MspProfile.Serval, bench.Connection.Profile);
        bench.Endpoint.CloseListener(exact);
        bench.Endpoint.CloseListener(exact);
        Assert.Equal(MspStates.Listening | MspStates.Closed, exact.States);
        bench.In(new MspAddress(new byte[32], 99), "04ffff");
        Assert.Same(MspProfile.Default, bench.Connection.Profile);
        Assert.Equal(2, bench.Endpoint.ConnectionCount);
    }

    [Fact]
    [Covers("MSP-053")]
    public void Strangers_cause_a_hundred_STOPs_a_second()
    {
        for (var millisecond = 0; millisecond < 3000; millisecond++)
        {
            bench.In(new MspAddress(new byte[32], (uint)millisecond), "00ffff");
            bench.Wait(1);
        }

        Assert.InRange(bench.Endpoint.Counters.StopsSent, 390, 401);
        Assert.Equal(3000 - bench.Endpoint.Counters.StopsSent, bench.Endpoint.Counters.StopsWithheld);
    }

    [Fact]
    [Covers("MSP-054")]
    public void At_most_256_connections_are_half_open_and_4096_open()
    {
        bench.Listen(MspProfile.Default);
        for (var i = 0u; i < 300; i++)
            bench.In(new MspAddress(new byte[32], i), "04ffff");
        Assert.Equal(256, bench.Endpoint.ConnectionCount);
        Assert.Equal(44, bench.Endpoint.Counters.Refused);
        // What was refused got no answer; the others were, and are no longer half-open once they show it.
        Assert.Equal(256, bench.Wait(1).Split(' ').Length);
        for (var i = 0u; i < 6000; i++)
        {
            bench.In(new MspAddress(new byte[32], i), "04ffff");
            bench.In(new MspAddress(new byte[32], i), "00ffff");
        }

        Assert.Equal(4096, bench.Endpoint.ConnectionCount);
        var pair = new MspPair(MspBench.Here, MspBench.There);
        Assert.False(bench.Endpoint.TryConnect(bench.Now, pair, MspProfile.Default, out _));
        bench.Wait(10_001);
        Assert.Equal(0, bench.Endpoint.ConnectionCount);
        Assert.True(bench.Endpoint.TryConnect(bench.Now, pair, MspProfile.Default, out _));
    }

    [Fact]
    [Covers("MSP-054")]
    public void A_connection_that_only_lingers_gives_way()
    {
        bench.Listen(MspProfile.Default);
        for (var i = 0u; i < 4096; i++)
        {
            var from = new MspAddress(new byte[32], i);
            bench.In(from, "05ffff000061");
            bench.Read();
            bench.Connection.Shutdown(bench.Now);
            bench.Out();
            bench.In(from, "020000");
            Assert.Equal(MspEnd.Completed, bench.Connection.End);
        }

        Assert.Equal(4096, bench.Endpoint.ConnectionCount);
        bench.In("04ffff000061");
        Assert.Equal("a", bench.Read());
        Assert.Equal(4096, bench.Endpoint.ConnectionCount);
    }

    [Fact]
    [Covers("MSP-022", "MSP-023")]
    public void Beyond_65536_packets_held_by_all_each_gets_a_window_of_four()
    {
        bench.Listen(MspProfile.Default);
        for (var i = 0u; i < 66; i++)
        {
            var from = new MspAddress(new byte[32], i);
            bench.In(from, "04ffff");
            bench.In(from, "00ffff");
            for (var number = 0; number < 1024; number++)
                bench.In(from, $"00ffff{number & 255:x2}{number >> 8:x2}61");
        }

        var held = 0;
        Assert.Equal((66 * 1024) - 65_536 - (2 * 4), bench.Endpoint.Counters.BeyondWindow);
        while (bench.Connection.TryPeek(out _))
        {
            bench.Read();
            held++;
        }

        Assert.Equal(4, held);
    }

    [Fact]
    public void Consuming_what_is_not_there_is_a_mistake()
    {
        bench.Connected(MspProfile.Default);
        Assert.Throws<InvalidOperationException>(() => bench.Consume(0));
        bench.In("00ffff000061");
        Assert.Throws<ArgumentOutOfRangeException>(() => bench.Consume(2));
        Assert.Throws<ArgumentOutOfRangeException>(() => bench.Consume(-1));
        Assert.Equal("a", bench.Read());
    }
}
