using System.Threading.Tasks.Sources;

namespace MsgNet.Messi.Tests;

/// <summary>
/// A carrier whose reads and writes a test completes by hand; what waits for them goes on within that call, on the test's thread.
/// </summary>
internal sealed class HandStream : MemoryStream
{
    private readonly Operation<int> read = new();
    private readonly Operation<bool> write = new();
    private Memory<byte> target;

    /// <summary>Bytes that are being written.</summary>
    public int Writing { get; private set; }

    /// <summary>Gives bytes to the reader, as much at a time as it asks for.</summary>
    public void Push(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var count = Math.Min(bytes.Length, target.Length);
            bytes[..count].CopyTo(target.Span);
            bytes = bytes[count..];
            read.Complete(count);
        }
    }

    /// <summary>Completes the write under way.</summary>
    public void CompleteWrite()
    {
        Writing = 0;
        write.Complete(true);
    }

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        target = buffer;
        return new ValueTask<int>(read, read.Begin());
    }

    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        Writing = buffer.Length;
        return new ValueTask(write, write.Begin());
    }

    private sealed class Operation<T> : IValueTaskSource<T>, IValueTaskSource
    {
        private ManualResetValueTaskSourceCore<T> core;

        public short Begin()
        {
            core.Reset();
            return core.Version;
        }

        // Who continues must not find the context of the test, and go on there the next time.
        public void Complete(T result)
        {
            var context = SynchronizationContext.Current;
            SynchronizationContext.SetSynchronizationContext(null);
            core.SetResult(result);
            SynchronizationContext.SetSynchronizationContext(context);
        }

        public T GetResult(short token) => core.GetResult(token);

        void IValueTaskSource.GetResult(short token) => core.GetResult(token);

        public ValueTaskSourceStatus GetStatus(short token) => core.GetStatus(token);

        public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
            => core.OnCompleted(continuation, state, token, flags);
    }
}
