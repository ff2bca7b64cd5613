using MsgNet.Testing;

namespace MsgNet.Core.Tests.Msp;

/// <summary>specs/msp.md section 5: how connections end.</summary>
public sealed class MspClosingTests : IDisposable
{
    private readonly MspBench bench = new();

    public void Dispose() => bench.Dispose();

    [Fact]
    [Covers("MSP-055")]
    public void It_completes_when_both_are_shut_down_and_all_is_acknowledged_and_consumed()
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        connection.Shutdown(bench.Now);
        bench.Out();
        bench.In("03ffff000078");
        bench.In("030000000078");
        Assert.Equal(MspEnd.None, connection.End);
        Assert.Equal("x", bench.Read());
        Assert.Equal([MspEventKind.ShutdownRemote, MspEventKind.Closed], bench.Kinds[^2..]);
        Assert.Equal(MspEnd.Completed, connection.End);
        Assert.Equal(MspStates.Closed, connection.States & (MspStates.Closed | MspStates.Error | MspStates.Stopped));
        Assert.Equal("020000", bench.Out());
    }

    [Fact]
    [Covers("MSP-056")]
    public void For_ten_seconds_after_each_answer_the_last_acknowledgement_is_repeated()
    {
        Complete();
        Assert.Equal("", bench.Wait(9000));
        bench.In("030000000078");
        Assert.Equal("020000", bench.Out());
        Assert.Equal("", bench.Wait(9999));
        bench.In("030000000078");
        Assert.Equal("020000", bench.Out());
        bench.In("020000");
        bench.In("08");
        Assert.Equal("", bench.Wait(10_000));
        Assert.Equal(0, bench.Endpoint.ConnectionCount);
        bench.In("030000000078");
        Assert.Equal("08", bench.Out());
    }

    [Fact]
    [Covers("MSP-056")]
    public void FIRST_ends_that_for_ports_are_used_again()
    {
        Complete();
        bench.Listen(MspProfile.Default);
        bench.In("04ffff000062");
        Assert.Equal("b", bench.Read());
        Assert.Equal(MspEnd.None, bench.Connection.End);
    }

    [Fact]
    [Covers("MSP-056")]
    public void So_does_a_connection_of_this_side()
    {
        Complete();
        bench.Connected(MspProfile.Default);
        var pair = new MspPair(MspBench.Here, MspBench.There);
        Assert.Throws<InvalidOperationException>(() => bench.Endpoint.TryConnect(bench.Now, pair, MspProfile.Default, out _));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("MSP-057")]
    public void STOP_or_silence_when_only_a_bare_SHUTDOWN_is_missing_is_completion(bool stop)
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        bench.Out();
        bench.In("030000000078");
        bench.Read();
        connection.Shutdown(bench.Now);
        Assert.Equal("0300000100", bench.Out());
        if (stop)
            bench.In("08");
        else
            bench.Wait(10_000);
        Assert.Equal(MspEnd.Completed, connection.End);
        Assert.Equal(1, connection.Delivered);
    }

    [Theory]
    [InlineData(true, true, false)] // the message beside SHUTDOWN is not acknowledged
    [InlineData(false, true, true)] // the peer has not shut down
    [InlineData(true, false, true)] // this side has not
    [Covers("MSP-057", "MSP-059")]
    public void Otherwise_it_is_not(bool peerShutsDown, bool shutsDown, bool isAcknowledged)
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        if (!isAcknowledged)
            connection.Shutdown(bench.Now);
        bench.Out();
        bench.In($"0{(peerShutsDown ? 3 : 2)}{(isAcknowledged ? "0000" : "ffff")}000078");
        bench.Read();
        if (shutsDown)
            connection.Shutdown(bench.Now);
        bench.Out();
        bench.In("08");
        Assert.Equal(MspEnd.StoppedByPeer, connection.End);
        Assert.Equal(isAcknowledged ? 1 : 0, connection.Delivered);
    }

    [Fact]
    [Covers("MSP-004", "MSP-058")]
    public void Giving_up_tells_the_peer_once_or_not_at_all()
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        bench.Stop();
        bench.Stop();
        Assert.Equal("08", bench.Wait(20_000));
        Assert.Equal(1, bench.Kinds.Count(kind => kind == MspEventKind.Closed));
        Assert.Equal((MspEnd.StoppedLocally, 0), (connection.End, bench.Endpoint.ConnectionCount));
        Assert.True(connection.States.HasFlag(MspStates.Closed | MspStates.Stopped));
        Assert.False(bench.Send("b"));
        connection.Shutdown(bench.Now);
        bench.Consume(1);

        connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        connection.Abandon();
        connection.Abandon();
        Assert.Equal("", bench.Wait(20_000));
        Assert.Equal((MspEnd.Abandoned, 0), (connection.End, bench.Endpoint.ConnectionCount));
        // Whoever goes on is told that there is nothing.
        bench.In("020000");
        Assert.Equal("08", bench.Out());
    }

    // A connection that both sides have shut down.
    private void Complete()
    {
        var connection = bench.Connected(MspProfile.Default);
        bench.Send("a");
        connection.Shutdown(bench.Now);
        bench.Out();
        bench.In("030000000078");
        bench.Read();
        Assert.Equal("020000", bench.Out());
        Assert.Equal(MspEnd.Completed, connection.End);
    }
}
