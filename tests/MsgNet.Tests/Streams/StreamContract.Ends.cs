using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Streams;

/// <summary>How streams end, and fail.</summary>
public abstract partial class StreamContract
{
    [Fact]
    [Covers("API-176")]
    [Covers("API-178")]
    public async Task An_abort_fails_the_other_end_and_this_one()
    {
        var (near, far) = await Pair();
        var write = far.WriteAsync(Bytes(Big)).AsTask();
        var read = far.ReadAsync(new byte[1]).AsTask();
        near.Abort();
        near.Abort();

        foreach (var pending in new Task[] { write, read })
            AssertLost(PeerLoss.ClosedByPeer, await Assert.ThrowsAsync<IOException>(() => Soon(pending)));
        AssertLost(PeerLoss.ClosedByPeer, await Assert.ThrowsAsync<IOException>(() => Soon(far.ReadAsync(new byte[1]))));
        AssertLost(PeerLoss.ClosedByPeer, Assert.Throws<IOException>(() => far.Read(new byte[1])));
        AssertLost(PeerLoss.ClosedByPeer, Assert.Throws<IOException>(() => far.Write(new byte[1])));
        var lost = await Assert.ThrowsAsync<SessionLostException>(() => Soon(far.Completion));
        Assert.Equal((PeerLoss.ClosedByPeer, A.Id, true), (lost.Reason, lost.Peer, lost.MaybeDelivered));

        AssertLost(PeerLoss.ClosedLocally, await Assert.ThrowsAsync<IOException>(() => Soon(near.ReadAsync(new byte[1]))));
        AssertLost(PeerLoss.ClosedLocally, await Assert.ThrowsAsync<IOException>(async () => await near.WriteAsync(new byte[1])));
        Assert.Equal(PeerLoss.ClosedLocally, (await Assert.ThrowsAsync<SessionLostException>(() => Soon(near.Completion))).Reason);
        near.CompleteWrites();
    }

    [Fact]
    [Covers("API-176")]
    public async Task A_protocol_that_nobody_takes_is_refused()
    {
        await using var stream = await Open();
        var failed = await Assert.ThrowsAsync<IOException>(() => Soon(stream.ReadAsync(new byte[1])));
        var refused = Assert.IsType<ProtocolNotSupportedException>(failed.InnerException);
        Assert.Equal((B.Id, File), (refused.Peer, refused.Protocol));
        await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => Soon(stream.Completion));
    }

    [Fact]
    [Covers("API-177")]
    public async Task What_was_written_before_disposing_arrives_with_its_end()
    {
        var (near, far) = await Pair();
        var sent = Bytes(200_000);
        await Soon(near.WriteAsync(sent));
        near.Dispose();
        near.Dispose();

        Assert.Equal(sent, await Soon(ReadAll(far)));
        far.CompleteWrites();
        await Soon(near.Completion);
        await Soon(far.Completion);
    }

    [Fact]
    [Covers("API-177")]
    public async Task A_disposed_stream_is_used_no_more()
    {
        var (near, _) = await Pair();
        var read = near.ReadAsync(new byte[1]).AsTask();
        near.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Soon(read));
        Assert.Throws<ObjectDisposedException>(() => { _ = near.ReadAsync(new byte[1]); });
        Assert.Throws<ObjectDisposedException>(() => { _ = near.WriteAsync(new byte[1]); });
        Assert.Throws<ObjectDisposedException>(() => near.Read(new byte[1]));
        Assert.Throws<ObjectDisposedException>(() => near.Write(new byte[1]));
        Assert.Throws<ObjectDisposedException>(near.CompleteWrites);
        Assert.False(near.CanRead || near.CanWrite);
    }

    [Fact]
    [Covers("API-177")]
    public async Task Who_goes_on_writing_to_a_disposed_stream_is_told()
    {
        var (near, far) = await Pair();
        near.Dispose();
        Assert.Equal(0, await Soon(far.ReadAsync(new byte[1])));
        var failed = await Assert.ThrowsAsync<IOException>(() => Soon(far.WriteAsync(Bytes(Big))));
        AssertLost(PeerLoss.ClosedByPeer, failed);
        await Soon(near.Completion);
    }

    [Fact]
    [Covers("API-177")]
    public async Task Who_never_reads_and_writes_on_to_a_disposed_stream_is_told()
    {
        var (near, far) = await Pair();
        await Soon(near.WriteAsync(new byte[1000]));
        near.Dispose();
        AssertLost(PeerLoss.ClosedByPeer, await Assert.ThrowsAsync<IOException>(() => Soon(far.WriteAsync(Bytes(Big)))));
        await Assert.ThrowsAsync<SessionLostException>(() => Soon(near.Completion));
    }

    [Fact]
    [Covers("API-177")]
    public async Task What_is_unread_at_disposing_costs_the_peer_nothing_if_it_ends()
    {
        var (near, far) = await Pair();
        await Soon(far.WriteAsync(Bytes(1000)));
        far.CompleteWrites();
        await Soon(near.ReadExactlyAsync(new byte[1]));
        await Soon(near.WriteAsync("thanks"u8.ToArray()));
        near.Dispose();

        Assert.Equal("thanks"u8.ToArray(), await Soon(ReadAll(far)));
        await Soon(far.Completion);
        await Soon(near.Completion);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Covers("API-177")]
    public async Task A_part_of_a_write_does_not_pass_for_the_whole(bool cancelFirst)
    {
        var (near, far) = await Pair();
        using var cancellation = new CancellationTokenSource();
        var write = near.WriteAsync(Bytes(Big), cancellation.Token).AsTask();
        if (cancelFirst)
        {
            cancellation.Cancel();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Soon(write));
        }

        near.Dispose();
        if (!cancelFirst)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => Soon(write));
        AssertLost(PeerLoss.ClosedByPeer, await Assert.ThrowsAsync<IOException>(() => Soon(ReadAll(far))));
    }

    [Fact]
    [Covers("API-181")]
    public async Task A_host_that_closes_sends_what_was_written_and_ends_its_streams()
    {
        var (near, far) = await Pair();
        var sent = Bytes(200_000);
        await Soon(near.WriteAsync(sent));
        near.CompleteWrites();
        var received = ReadAll(far);
        var pending = near.ReadAsync(new byte[1]).AsTask();
        var closing = A.Close(TimeSpan.FromSeconds(20)).AsTask();

        Assert.Equal(sent, await Soon(received));
        await closing.WaitAsync(TimeSpan.FromSeconds(40));
        AssertLost(PeerLoss.ClosedLocally, await Assert.ThrowsAsync<IOException>(() => Soon(pending)));
        Assert.Equal(PeerLoss.ClosedLocally, (await Assert.ThrowsAsync<SessionLostException>(() => Soon(near.Completion))).Reason);
        Assert.Equal(PeerLoss.ClosedByPeer, (await Assert.ThrowsAsync<SessionLostException>(() => Soon(far.Completion))).Reason);
        Assert.Equal(0, await Soon(far.ReadAsync(new byte[1])));
        AssertLost(PeerLoss.ClosedByPeer, await Assert.ThrowsAsync<IOException>(async () => await far.WriteAsync(new byte[1])));
    }

    [Fact]
    [Covers("API-171")]
    public async Task Opening_a_stream_to_nowhere_or_nothing_throws()
    {
        var unknown = PeerId.FromEd25519(new byte[32]);
        await Assert.ThrowsAsync<PeerUnreachableException>(async () => await A.OpenStream(unknown, File));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await A.OpenStream(B.Id, File, new CancellationToken(true)));
        Assert.Throws<ArgumentException>(() => { _ = A.OpenStream(A.Id, File); });
        Assert.Throws<ArgumentException>(() => { _ = A.OpenStream(default, File); });
        Assert.Throws<ArgumentException>(() => { _ = A.OpenStream(B.Id, default); });
        await A.Close(TimeSpan.Zero);
        Assert.Throws<ObjectDisposedException>(() => { _ = A.OpenStream(B.Id, File); });
        Assert.Throws<ObjectDisposedException>(() => A.SetStreamHandler(File, Hold));
    }

    [Fact]
    [Covers("API-171")]
    public async Task So_many_streams_to_a_peer_and_no_more()
    {
        B.SetStreamHandler(File, Hold);
        var streams = new List<MessageStream>();
        for (var i = 0; i < Core.Limits.LanesPerSideMax; i++)
            streams.Add(await Open());
        var refused = await Assert.ThrowsAsync<MsgNetException>(async () => await A.OpenStream(B.Id, File));
        Assert.Contains("128", refused.Message, StringComparison.Ordinal);

        streams[5].Abort();
        await Soon(streams[5].Completion.ContinueWith(_ => { }));
        await using var again = await Open();
    }

    private protected static void AssertLost(PeerLoss reason, IOException error) =>
        Assert.Equal(reason, Assert.IsType<SessionLostException>(error.InnerException).Reason);
}
