using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Streams;

/// <summary>Who takes streams.</summary>
public abstract partial class StreamContract
{
    [Fact]
    [Covers("API-179")]
    public async Task The_end_of_the_handler_is_the_end_of_the_stream()
    {
        Stream? taken = null;
        B.SetStreamHandler(File, async (stream, _, _) =>
        {
            taken = stream;
            await stream.WriteAsync("bye"u8.ToArray(), CancellationToken.None);
        });
        await using var near = await Open();
        Assert.Equal("bye"u8.ToArray(), await Soon(ReadAll(near)));
        near.CompleteWrites();
        await Soon(near.Completion);
        Assert.False(taken!.CanRead);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("API-180")]
    public async Task A_handler_that_throws_aborts_its_stream_and_no_other(bool atOnce)
    {
        var (kept, far) = await Pair();
        B.SetStreamHandler(File, (_, _, _) => atOnce ? throw new FormatException("atOnce") : Later());
        await using var near = await Open();
        AssertLost(PeerLoss.ClosedByPeer, await Assert.ThrowsAsync<IOException>(() => Soon(near.ReadAsync(new byte[1]))));
        Assert.Equal(1, B.Counters.Failed);

        await kept.WriteAsync(new byte[1]);
        Assert.Equal(1, await Soon(far.ReadAsync(new byte[1])));

        static async ValueTask Later()
        {
            await Task.Yield();
            throw new FormatException("later");
        }
    }

    [Fact]
    [Covers("API-179")]
    public async Task The_token_is_cancelled_when_the_stream_is_lost()
    {
        var cancelled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        B.SetStreamHandler(File, async (_, _, cancellationToken) =>
        {
            using var registration = cancellationToken.Register(() => cancelled.SetResult());
            await cancelled.Task;
            cancellationToken.ThrowIfCancellationRequested();
        });
        await using var near = await Open();
        near.Abort();
        await Soon(cancelled.Task);
        await B.Close(TimeSpan.FromSeconds(10));
        Assert.Equal(0, B.Counters.Failed);
    }

    [Fact]
    [Covers("API-052")]
    public async Task A_protocol_has_messages_or_streams()
    {
        B.SetStreamHandler(File, Hold);
        Assert.Throws<InvalidOperationException>(() => B.SetMessageHandler(File, _ => { }));
        Assert.Throws<InvalidOperationException>(() => B.ReceiveMessages(File));
        Assert.False(B.RemoveMessageHandler(File));
        var stream = await Open();

        B.SetMessageHandler("/messages/1.0", _ => { });
        Assert.Throws<InvalidOperationException>(() => B.SetStreamHandler("/messages/1.0", Hold));
        Assert.False(B.RemoveStreamHandler("/messages/1.0"));
        Assert.Throws<ArgumentException>(() => B.SetStreamHandler(default, Hold));
        Assert.Throws<ArgumentNullException>(() => B.SetStreamHandler(File, null!));
        await Soon(accepted.Reader.ReadAsync());
        stream.Abort();
    }

    [Fact]
    [Covers("API-182")]
    public async Task A_removed_handler_keeps_its_streams_and_gets_no_more()
    {
        var (near, far) = await Pair();
        Assert.True(B.RemoveStreamHandler(File));
        Assert.False(B.RemoveStreamHandler(File));
        var refused = await Open();
        var failed = await Assert.ThrowsAsync<IOException>(() => Soon(refused.ReadAsync(new byte[1])));
        Assert.IsType<ProtocolNotSupportedException>(failed.InnerException);

        await near.WriteAsync(new byte[1]);
        Assert.Equal(1, await Soon(far.ReadAsync(new byte[1])));

        B.SetMessageHandler(File, _ => { });
        Assert.True(B.RemoveMessageHandler(File));
        await Pair();
    }

    [Fact]
    public async Task Messages_go_on_beside_a_stream_that_is_not_read()
    {
        var (near, far) = await Pair();
        var write = near.WriteAsync(Bytes(Big)).AsTask();
        var received = B.ReceiveMessages("/chat/1.0").GetAsyncEnumerator();
        for (var i = 0; i < 100; i++)
        {
            await Soon(A.SendMessage(B.Id, "/chat/1.0", new[] { (byte)i }, SendOptions.Ordered));
            Assert.True(await Soon(received.MoveNextAsync()));
            Assert.Equal(i, received.Current.Data.Span[0]);
        }

        Assert.False(write.IsCompleted);
        await Soon(far.ReadExactlyAsync(new byte[Big]));
        await Soon(write);
    }
}
