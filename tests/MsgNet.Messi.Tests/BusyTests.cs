using System.Threading.Tasks.Sources;
using MsgNet.Core;
using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>Ends that never rest: they keep no thread for themselves, are blamed for nothing, and fill no queue unwritten.</summary>
public sealed class BusyTests
{
    [Fact]
    public async Task A_peer_that_sends_as_fast_as_it_is_read_keeps_no_thread_for_itself()
    {
        var server = new BareServer(new MessiServerOptions { TimeProvider = new FakeTime() });
        var context = new Counting();
        using var stream = new AlwaysReady(reads: 64);
        stream.OnRead = _ => SynchronizationContext.SetSynchronizationContext(context);
        var link = server.Admit(stream);
        await stream.Completion.Soon();
        await link.Idle();
        // Whoever yields does so to the context that it finds.
        Assert.InRange(context.Yields, (int)(link.BytesReceived / (2 * Limits.MessiReadBufferMax)), int.MaxValue);
        Assert.InRange(link.BytesReceived, 8 * Limits.MessiReadBufferMax, long.MaxValue);
    }

    [Fact]
    [Covers("MESSI-036")]
    public async Task A_client_whose_bytes_stand_unread_is_not_judged()
    {
        var time = new FakeTime();
        var server = new BareServer(new MessiServerOptions { TimeProvider = time }, hasLiveness: false);
        using var stream = new AlwaysReady(reads: 64);
        var judged = 0;
        stream.OnRead = isTaken =>
        {
            // The timer fires while bytes are there that the loop has asked for, and has not yet got.
            if (isTaken)
                time.Advance(4);
            judged += server.Core.Snapshot<MessiConnection>().Count == 0 ? 1 : 0;
        };
        var link = server.Admit(stream);
        await stream.Completion.Soon();
        Assert.Equal(0, judged);
        await link.Idle();

        time.Advance(3);
        Assert.Equal(MessiDisconnectReason.KeepAliveTimeout, (await link.Completion.Soon()).Reason);
    }

    [Fact]
    public async Task A_send_waits_while_much_stands_before_a_flush_that_has_not_begun()
    {
        const int Frame = 16_014;
        var flushes = new Queue<IThreadPoolWorkItem>();
        var stream = new MemoryStream();
        var output = new MessiOutput(stream, MessiRole.Client, MessiWireFormat.Documented, 1 << 20, 1 << 20, new Owner())
        {
            Clock = new FakeTime(), // It stands still: whatever comes next comes at once.
            PutOff = flushes.Enqueue,
        };
        var message = new MessageInd { Text = new string('x', 16_000) };
        await output.Send(2, message, default);
        Assert.Equal(Frame, stream.Length);

        for (var i = 0; i < 5; i++)
            Assert.True(output.Send(2, message, default).IsCompletedSuccessfully);
        var late = output.Send(2, message, default).AsTask();
        Assert.Equal(5 * Frame, output.Waiting);
        Assert.False(late.IsCompleted);
        // What cannot wait is taken, behind the one that does.
        Assert.True(output.TrySend(2, message));
        await late.Soon();
        Assert.Equal(Frame, stream.Length);

        Assert.Single(flushes).Execute();
        Assert.Equal(8 * Frame, stream.Length);
    }

    /// <summary>A carrier with bytes at every read, pings all of them, until it has none any more.</summary>
    private sealed class AlwaysReady(int reads) : MemoryStream, IValueTaskSource<int>
    {
        private readonly TaskCompletionSource<int> never = new();
        private readonly TaskCompletionSource read = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private int left = reads;
        private int count;

        /// <summary>Completes when all was read.</summary>
        public Task Completion => read.Task;

        /// <summary>Called for each read: when it begins, and with true when its bytes are taken.</summary>
        public Action<bool> OnRead { get; set; } = static _ => { };

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            OnRead(false);
            if (left-- == 0)
            {
                read.SetResult();
                return new ValueTask<int>(never.Task);
            }

            for (count = 0; count + 8 <= buffer.Length; count += 8)
                MessiFrame.WriteHeader(
                    buffer.Span[count..], MessiWireFormat.Documented, MessiRole.Client, MessiFrameKind.Ping, payloadLength: 0);
            return new ValueTask<int>(this, 0);
        }

        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default) => default;

        protected override void Dispose(bool disposing)
        {
            never.TrySetResult(0);
            base.Dispose(disposing);
        }

        public int GetResult(short token)
        {
            OnRead(true);
            return count;
        }

        public ValueTaskSourceStatus GetStatus(short token)
            => ValueTaskSourceStatus.Succeeded;

        public void OnCompleted(
            Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
            => throw new InvalidOperationException("It has completed.");
    }

    private sealed class Counting : SynchronizationContext
    {
        private int yields;

        public int Yields => Volatile.Read(ref yields);

        public override void Post(SendOrPostCallback d, object? state)
        {
            Interlocked.Increment(ref yields);
            ThreadPool.QueueUserWorkItem(_ => d(state));
        }
    }

    private sealed class Owner : IMessiOutputOwner
    {
        public void OnControlsSent()
        {
        }

        public void OnSent(long messages, long bytes)
        {
        }

        public void OnWriteFailed(Exception exception, bool wasControl) => throw exception;
    }
}
