using MsgNet.Core;

namespace MsgNet;

/// <summary>Whoever waits on a socket: to send, to receive, to be connected, to accept. Everything is used under the gate.</summary>
internal sealed class MspWaits(MspSockets owner, MspSocket socket)
{
    private readonly WaitQueue sends = new(owner.Gate, owner.Scheduler);
    private readonly LaneStreamWait reading = new(owner.Gate, owner.Scheduler);
    private readonly LaneStreamWait writing = new(owner.Gate, owner.Scheduler);
    private readonly Queue<MspSocket> backlog = [];
    private readonly Queue<OneShot<MspSocket>> accepts = [];
    private OneShot<MspSocket>? connect;
    private bool readsStream;
    private bool isShutdown;

    /// <summary>Messages wait for room.</summary>
    public bool IsSending => !sends.IsEmpty || writing.IsWaiting;

    /// <summary>A write to the stream ended before all of it was sent.</summary>
    public bool WasCutShort => writing.WasCutShort || writing.IsWaiting;

    /// <summary>As many connections as may wait for somebody to accept them do.</summary>
    public bool IsBacklogFull => backlog.Count >= Limits.MspBacklogMax; // MSP-151

    /// <summary>Sends a message, or waits in line.</summary>
    public ValueTask Send(Instant now, IMspLink link, ReadOnlyMemory<byte> message, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);

        return !IsSending && TrySend(now, link, message.Span)
            ? ValueTask.CompletedTask
            : sends.Wait(new PendingSend(message, isTracked: false), cancellationToken); // MSP-150
    }

    /// <summary>Sends bytes in messages as large as possible; waits with what finds no room.</summary>
    public ValueTask Write(Instant now, IMspLink link, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        if (writing.IsTaken)
            throw new InvalidOperationException("A write of this stream is under way: await it before the next.");

        var moved = IsSending ? 0 : SendSome(now, link, bytes.Span);
        return moved == bytes.Length ? ValueTask.CompletedTask : writing.StartWrite(bytes[moved..], moved, cancellationToken);
    }

    /// <summary>Takes bytes of the next message, or waits for them.</summary>
    public ValueTask<int> Receive(Instant now, Memory<byte> destination, bool asStream, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<int>(cancellationToken);
        if (reading.IsTaken)
            throw new InvalidOperationException("Another Receive is under way: await it before the next.");

        if (CanRead())
            return ValueTask.FromResult(Take(now, destination.Span));
        readsStream = asStream;
        return socket.Has(MspStates.Closed)
            ? ValueTask.FromException<int>(ReadFailure())
            : reading.StartRead(destination, cancellationToken);
    }

    /// <summary>Waits until the peer has answered; cancelling disposes the socket.</summary>
    public ValueTask<MspSocket> Connected(CancellationToken cancellationToken)
    {
        connect = new OneShot<MspSocket>(owner.Scheduler);
        var wait = connect.Wait;
        connect.CancelWith(socket.Stop, cancellationToken);
        return wait;
    }

    /// <summary>Waits for a connection.</summary>
    public ValueTask<MspSocket> Accept(CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<MspSocket>(cancellationToken);

        while (backlog.TryDequeue(out var waiting))
        {
            if (!waiting.Has(MspStates.Closed))
                return ValueTask.FromResult(waiting);
        }

        // One that was cancelled stays until the next connection comes, at most.
        var accept = new OneShot<MspSocket>(owner.Scheduler);
        accepts.Enqueue(accept);
        accept.CancelWith(cancelled: null, cancellationToken);
        return accept.Wait;
    }

    /// <summary>There is a connection to accept.</summary>
    public void OnAccepted(MspSocket accepted)
    {
        while (accepts.TryDequeue(out var accept))
        {
            if (!accept.TryClaim())
                continue;

            accept.Complete(accepted);
            return;
        }

        backlog.Enqueue(accepted);
    }

    /// <summary>Serves whoever can be served now, in order.</summary>
    public void Serve(Instant now)
    {
        if (socket.Link is not { } link)
        {
            if (socket.Has(MspStates.Closed))
                End();
            return;
        }

        ServeSends(now, link);
        if (connect is not null && IsConnected() && connect.TryClaim())
        {
            connect.Complete(socket); // MSP-153
            connect = null;
        }

        if (reading.IsWaiting && CanRead() && reading.TryGetBuffer(out var destination))
            reading.Complete(Take(now, destination));
        if (socket.Has(MspStates.Closed))
            End();
    }

    /// <summary>The socket is over: everybody who waits learns why, and nobody will accept what waits.</summary>
    public void End()
    {
        if (!sends.IsEmpty)
            sends.FailAll(socket.Ended());
        if (writing.IsWaiting)
            writing.Fail(Lost(socket.Ended()));
        if (reading.IsWaiting)
            reading.Fail(ReadFailure());
        connect?.Fail(socket.Ended());
        while (accepts.TryDequeue(out var accept))
            accept.Fail(socket.Ended());
        while (backlog.TryDequeue(out var waiting))
            waiting.StopNow();
        connect = null;
    }

    /// <summary>What a stream throws for it.</summary>
    public static Exception Lost(Exception error) => error is MsgNetException ? new IOException(error.Message, error) : error; // MSP-161

    private static bool TrySend(Instant now, IMspLink link, ReadOnlySpan<byte> message) =>
        message.IsEmpty || link.TrySend(now, message); // MSP-132

    private void ServeSends(Instant now, IMspLink link)
    {
        if (socket.Has(MspStates.Closed))
            return;

        while (!sends.IsEmpty && TrySend(now, link, sends.First.Rest[0].Span))
            sends.ReleaseFirst();
        if (sends.IsEmpty && writing.TryGetRest(out var rest) && SendSome(now, link, rest) is var moved and > 0)
            writing.Advance(moved);
        if (IsSending || isShutdown || !socket.IsShutdownWanted)
            return;

        isShutdown = true;
        link.Shutdown(now); // MSP-134: after what was to be sent before
    }

    private int SendSome(Instant now, IMspLink link, ReadOnlySpan<byte> bytes)
    {
        var moved = 0;
        while (moved < bytes.Length)
        {
            var length = Math.Min(bytes.Length - moved, owner.MessageSizeMax); // MSP-162
            if (!link.TrySend(now, bytes.Slice(moved, length)))
                break;

            moved += length;
        }

        return moved;
    }

    private Exception ReadFailure() => readsStream ? Lost(socket.Ended()) : socket.Ended();

    // A refusal is a packet of the peer too.
    private bool IsConnected() => socket.Has(MspStates.ReceivedPacket) && !socket.Has(MspStates.Closed);

    private bool CanRead() => socket.Has(MspStates.ShutdownRemote) || (socket.Link is { } link && link.TryPeek(out _));

    private int Take(Instant now, Span<byte> destination)
    {
        var link = socket.Link;
        while (link is not null && link.TryPeek(out var message))
        {
            var bytes = Math.Min(message.Length, destination.Length);
            if (bytes == 0 && !message.IsEmpty)
                return 0;

            message[..bytes].CopyTo(destination); // MSP-152
            link.Consume(now, bytes);
            if (bytes > 0)
                return bytes;
        }

        return 0;
    }
}
