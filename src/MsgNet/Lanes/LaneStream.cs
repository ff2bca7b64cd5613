using System.Buffers;
using MsgNet.Core;
using MsgNet.Platform;

namespace MsgNet;

/// <summary>
/// A stream over whatever carries it: what users hold of an <see cref="IStreamLane"/>. Its state is guarded by the host's gate, and is
/// moved by the user's calls from above and the carrier's from below.
/// </summary>
internal sealed partial class LaneStream : MessageStream
{
    private readonly IStreamLane lane;
    private readonly Gate gate;
    private readonly LaneStreamWait reading;
    private readonly LaneStreamWait writing;
    private readonly Completion completion;
    private MsgNetException? error;
    private long discarded;
    private bool readEnded;
    private bool writesCompleted;
    private bool disposed;
    private bool ended;

    public LaneStream(IStreamLane lane, Gate gate, IScheduler scheduler, PeerId remote, ProtocolId protocol)
    {
        this.lane = lane;
        this.gate = gate;
        Remote = remote;
        Protocol = protocol;
        reading = new LaneStreamWait(gate, scheduler);
        writing = new LaneStreamWait(gate, scheduler);
        completion = new Completion(scheduler);
    }

    /// <inheritdoc/>
    public override PeerId Remote { get; }

    /// <inheritdoc/>
    public override ProtocolId Protocol { get; }

    /// <inheritdoc/>
    public override Task Completion => completion.Task;

    /// <inheritdoc/>
    public override bool CanRead => !disposed;

    /// <inheritdoc/>
    public override bool CanWrite => !disposed && !writesCompleted;

    /// <summary>It was lost, or aborted; a recent value when read without the gate.</summary>
    public bool IsLost => Volatile.Read(ref error) is not null;

    /// <summary>After <see cref="CompleteWrites"/>: the peer has read everything. Under the gate.</summary>
    public bool IsWriteEnded => ended || lane.IsWriteEnded;

    /// <inheritdoc/>
    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);

        using (gate.Enter())
        {
            CheckReadable();
            if (TryRead(buffer.Span, out var count))
            {
                FlushLane();
                return ValueTask.FromResult(count);
            }

            return error is null
                ? reading.StartRead(buffer, cancellationToken)
                : ValueTask.FromException<int>(Failure());
        }
    }

    /// <inheritdoc/>
    public override int Read(Span<byte> buffer)
    {
        while (true)
        {
            using (gate.Enter())
            {
                CheckReadable();
                if (TryRead(buffer, out var count))
                {
                    FlushLane();
                    return count;
                }
            }

            // An empty read completes when there is something: the span need not outlive this call.
            Block(ReadAsync(Memory<byte>.Empty, CancellationToken.None));
        }
    }

    /// <inheritdoc/>
    public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        using (gate.Enter())
        {
            CheckWritable();
            if (error is not null)
                return ValueTask.FromException(Failure());

            var accepted = Accept(buffer.Span);
            return accepted == buffer.Length // API-173
                ? ValueTask.CompletedTask
                : writing.StartWrite(buffer[accepted..], accepted, cancellationToken);
        }
    }

    /// <inheritdoc/>
    public override void Write(ReadOnlySpan<byte> buffer)
    {
        using (gate.Enter())
        {
            CheckWritable();
            if (error is not null)
                throw Failure();

            buffer = buffer[Accept(buffer)..];
        }

        if (buffer.IsEmpty)
            return;

        var rest = ArrayPool<byte>.Shared.Rent(buffer.Length);
        buffer.CopyTo(rest);
        Block(WriteAsync(rest.AsMemory(0, buffer.Length), CancellationToken.None));
        ArrayPool<byte>.Shared.Return(rest);
    }

    /// <inheritdoc/>
    public override void CompleteWrites()
    {
        using (gate.Enter())
        {
            ObjectDisposedException.ThrowIf(disposed, typeof(MessageStream));
            if (writing.IsTaken)
                throw new InvalidOperationException("A write of this stream is under way: await it, then complete the writes.");
            if (writesCompleted)
                return;

            writesCompleted = true;
            if (ended)
                return;

            lane.CompleteWrites();
            FlushLane();
        }
    }

    /// <inheritdoc/>
    public override void Abort()
    {
        using (gate.Enter())
        {
            if (ended)
                return;

            AbortLane(isComplete: false);
            lane.Flush();
        }
    }

    /// <summary>There is something to read, or the peer's end. Under the gate.</summary>
    public void OnReadable()
    {
        if (disposed)
            Discard();
        else if (reading.TryGetBuffer(out var buffer) && TryRead(buffer, out var count))
            reading.Complete(count);
    }

    /// <summary>There is room for what a write waits with. Under the gate.</summary>
    public void OnRoom()
    {
        if (writing.TryGetRest(out var rest))
            writing.Advance(lane.Write(rest));
    }

    /// <summary>The carrier has ended it: null when both ends are done, else why. Under the gate; nothing follows.</summary>
    public void OnEnded(MsgNetException? why)
    {
        if (ended)
            return;

        readEnded |= why is null || lane.IsReadEnded;
        ended = true;
        Volatile.Write(ref error, why);
        if (readEnded && reading.IsWaiting)
            reading.Complete(0);
        if (why is not null)
        {
            reading.Fail(Failure());
            writing.Fail(Failure());
        }

        completion.End(why);
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        using (gate.Enter())
        {
            if (!disposed)
                GiveUp();
        }

        base.Dispose(disposing);
    }

    private static ObjectDisposedException Disposed() => new(nameof(MessageStream), "The stream was disposed.");

    // Whoever calls a synchronous member asks for this; continuations run on the scheduler, which is not blocked by it.
    private static void Block(ValueTask<int> task) => task.AsTask().GetAwaiter().GetResult();

    private static void Block(ValueTask task) => task.AsTask().GetAwaiter().GetResult();

    // API-176
    private IOException Failure() => new($"The stream on {Protocol} with {Remote} is lost: {error!.Message}", error);

    private void CheckReadable()
    {
        ObjectDisposedException.ThrowIf(disposed, typeof(MessageStream));
        if (reading.IsTaken)
            // API-175
            throw new InvalidOperationException("A read of this stream is under way: await it before the next.");
    }

    private void CheckWritable()
    {
        ObjectDisposedException.ThrowIf(disposed, typeof(MessageStream));
        if (writing.IsTaken)
            throw new InvalidOperationException("A write of this stream is under way: await it before the next.");
        if (writesCompleted)
            throw new InvalidOperationException("The writes of this stream were completed: open another stream to write more.");
    }

    // True with what a read gets now, the end included; false when it has to wait, or the stream is lost.
    private bool TryRead(Span<byte> buffer, out int count)
    {
        count = 0;
        if (readEnded)
            return true; // API-172, API-176
        if (ended)
            return false;

        count = lane.Read(buffer);
        readEnded |= count == 0 && lane.IsReadEnded;
        return count > 0 || readEnded || (buffer.IsEmpty && lane.HasData);
    }

    private int Accept(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return 0;

        var accepted = lane.Write(data);
        FlushLane();
        return accepted;
    }

    private void FlushLane()
    {
        if (!ended)
            lane.Flush();
    }

    // API-178
    private void AbortLane(bool isComplete)
    {
        lane.Abort();
        OnEnded(isComplete ? null : new SessionLostException(Remote, PeerLoss.ClosedLocally, maybeDelivered: true));
    }

    // API-177: a part of a write must not pass for the whole: then the peer gets no clean end.
    private void GiveUp()
    {
        disposed = true;
        reading.Fail(Disposed());
        var cutShort = writing.IsWaiting || writing.WasCutShort;
        writing.Fail(Disposed());
        if (ended)
            return;

        if (cutShort && !writesCompleted)
        {
            AbortLane(isComplete: false);
        }
        else
        {
            if (!writesCompleted)
                lane.CompleteWrites();
            writesCompleted = true;
            Discard();
        }

        lane.Flush();
    }

    // API-177: the peer is told that nobody reads only when nothing written here can be lost by that, or when it does not stop.
    private void Discard()
    {
        Span<byte> nowhere = stackalloc byte[1024];
        var before = discarded;
        while (!ended && lane.Read(nowhere) is var count and > 0)
            discarded += count;
        if (!ended && discarded > before && (lane.IsWriteEnded || discarded > Limits.StreamDiscardMax))
            AbortLane(lane.IsWriteEnded);
    }
}
