using System.Buffers;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Streams;

/// <summary>A stream between a user and a lane that both do what the test says.</summary>
public sealed class LaneStreamTests
{
    private readonly Gate gate = new();
    private readonly ManualScheduler scheduler = new();
    private readonly FakeLane lane;

    public LaneStreamTests() => lane = new FakeLane(gate, scheduler, HandlerRig.Bob, HandlerRig.Chat);

    [Fact]
    [Covers("API-173")]
    public void A_write_ends_when_all_of_it_is_accepted()
    {
        lane.Room = 3;
        var write = lane.Stream.WriteAsync("abcdefgh"u8.ToArray()).AsTask();
        Give(room: 4);
        Assert.False(write.IsCompleted);
        Give(room: 5);
        Assert.True(write.IsCompletedSuccessfully);
        Assert.Equal("abcdefgh"u8.ToArray(), lane.Written);
        Assert.Equal(4, lane.Room);
    }

    [Fact]
    [Covers("API-174")]
    public void A_cancelled_write_hands_over_no_more()
    {
        using var cancellation = new CancellationTokenSource();
        lane.Room = 3;
        var write = lane.Stream.WriteAsync("abcdefgh"u8.ToArray(), cancellation.Token).AsTask();
        cancellation.Cancel();
        Give(room: 100);
        Assert.True(write.IsCanceled);
        Assert.Equal("abc"u8.ToArray(), lane.Written);

        Assert.True(lane.Stream.WriteAsync("d"u8.ToArray()).IsCompletedSuccessfully);
        lane.Stream.Dispose();
        Assert.True(lane.IsAborted);
        Assert.False(lane.IsCompleted);
    }

    [Fact]
    [Covers("API-177")]
    public void A_write_cancelled_before_any_of_it_was_accepted_leaves_a_clean_end()
    {
        using var cancellation = new CancellationTokenSource();
        var write = lane.Stream.WriteAsync("abc"u8.ToArray(), cancellation.Token).AsTask();
        cancellation.Cancel();
        scheduler.Run();
        Assert.True(write.IsCanceled);
        lane.Stream.Dispose();
        Assert.True(lane.IsCompleted);
        Assert.False(lane.IsAborted);
    }

    [Fact]
    [Covers("API-177")]
    public void Who_completes_the_writes_says_that_the_part_is_the_whole()
    {
        using var cancellation = new CancellationTokenSource();
        lane.Room = 1;
        var write = lane.Stream.WriteAsync("abc"u8.ToArray(), cancellation.Token).AsTask();
        cancellation.Cancel();
        scheduler.Run();
        Assert.True(write.IsCanceled);
        lane.Stream.CompleteWrites();
        lane.Stream.Dispose();
        Assert.False(lane.IsAborted);
    }

    [Fact]
    [Covers("API-177")]
    public void What_comes_after_disposing_is_discarded_until_all_was_read_there()
    {
        lane.Stream.Dispose();
        Arrive(1000);
        Assert.False(lane.IsAborted);
        Assert.False(lane.HasData);

        lane.IsWriteEnded = true;
        Arrive(0);
        Assert.False(lane.IsAborted);
        Arrive(1);
        Assert.True(lane.IsAborted);
        scheduler.Run();
        Assert.True(lane.Stream.Completion.IsCompletedSuccessfully);
    }

    [Fact]
    [Covers("API-177")]
    public void A_peer_that_does_not_stop_is_told_after_256_KiB()
    {
        lane.Stream.Dispose();
        Arrive(Limits.StreamDiscardMax);
        Assert.False(lane.IsAborted);
        Arrive(1);
        Assert.True(lane.IsAborted);
        scheduler.Run();
        Assert.IsType<SessionLostException>(lane.Stream.Completion.Exception!.InnerException);
    }

    [Fact]
    [Covers("API-176")]
    public void All_that_the_peer_wrote_can_be_known_after_the_loss_and_no_part()
    {
        Arrive(2);
        lane.PeerCompleted = true;
        Assert.Equal(2, MemoryHosts.Now(lane.Stream.ReadAsync(new byte[9])));
        Lose();
        Assert.Equal(0, MemoryHosts.Now(lane.Stream.ReadAsync(new byte[9])));

        var other = new FakeLane(gate, scheduler, HandlerRig.Bob, HandlerRig.Chat);
        other.Arrive([1, 2]);
        using (gate.Enter())
            other.Stream.OnEnded(new SessionLostException(HandlerRig.Bob, PeerLoss.TimedOut, maybeDelivered: true));
        Assert.Throws<IOException>(() => MemoryHosts.Now(other.Stream.ReadAsync(new byte[9])));
        Assert.True(other.Stream.WriteAsync("a"u8.ToArray()).IsFaulted);
    }

    [Fact]
    public void Memory_that_its_owner_has_freed_fails_its_own_operation_only()
    {
        var read = new FreedMemory();
        var write = new FreedMemory();
        var reading = lane.Stream.ReadAsync(read.Memory).AsTask();
        var writing = lane.Stream.WriteAsync(write.Memory).AsTask();
        read.Freed = write.Freed = true;
        Arrive(1);
        Give(room: 100);
        Assert.IsType<ObjectDisposedException>(reading.Exception!.InnerException);
        Assert.IsType<ObjectDisposedException>(writing.Exception!.InnerException);
        Assert.Equal(1, MemoryHosts.Now(lane.Stream.ReadAsync(new byte[9])));
    }

    [Fact]
    [Covers("API-183")]
    public void Reading_and_writing_allocates_nothing()
    {
        var buffer = new byte[64];
        using var cancellation = new CancellationTokenSource();
        for (var i = 0; i < 100; i++)
            Round(buffer, cancellation.Token);
        Allocations.AssertAtMost<byte>(0, default, _ =>
        {
            for (var i = 0; i < 200; i++)
                Round(buffer, cancellation.Token);
        });
    }

    // A read and a write that wait, and one of each that need not.
    private void Round(byte[] buffer, CancellationToken cancellationToken)
    {
        var read = lane.Stream.ReadAsync(buffer, cancellationToken);
        var write = lane.Stream.WriteAsync(buffer, cancellationToken);
        Arrive(40);
        Give(room: 128);
        Assert.True(read.IsCompletedSuccessfully && write.IsCompletedSuccessfully);
        Assert.True(read.GetAwaiter().GetResult() == 40);
        write.GetAwaiter().GetResult();
        Arrive(10);
        Assert.True(lane.Stream.ReadAsync(buffer, cancellationToken).GetAwaiter().GetResult() == 10);
        lane.Stream.WriteAsync(buffer, cancellationToken).GetAwaiter().GetResult();
        lane.Written.Clear();
    }

    private void Arrive(int count)
    {
        Span<byte> data = stackalloc byte[256];
        using (gate.Enter())
        {
            for (; count > data.Length; count -= data.Length)
                lane.Arrive(data);
            lane.Arrive(data[..count]);
            lane.Stream.OnReadable();
        }

        scheduler.Run();
    }

    private void Give(int room)
    {
        using (gate.Enter())
        {
            lane.Room += room;
            lane.Stream.OnRoom();
        }

        scheduler.Run();
    }

    private void Lose()
    {
        using (gate.Enter())
            lane.Stream.OnEnded(new SessionLostException(HandlerRig.Bob, PeerLoss.TimedOut, maybeDelivered: true));
        scheduler.Run();
    }

    private sealed class FreedMemory : MemoryManager<byte>
    {
        public bool Freed { get; set; }

        public override Span<byte> GetSpan() => Freed ? throw new ObjectDisposedException("memory") : new byte[8];

        public override MemoryHandle Pin(int elementIndex = 0) => throw new NotSupportedException();

        public override void Unpin() => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
        }
    }
}
