using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// One host's half of a stream within the process. Holds <see cref="Limits.MemoryBufferBytesMax"/> until the peer reads them. Guarded by
/// its socket's gate; the other half is only ever told.
/// </summary>
internal sealed class MemoryLane : IStreamLane
{
    // Small enough that a reader in the middle of one gives room soon, large enough to share the cost of an event.
    private const int ChunkMax = 16 * 1024;
    private readonly MemoryChannel channel;
    private readonly Queue<MemoryEvent> received = [];
    private int offset;
    private int buffered;
    private bool writesCompleted;
    private bool endReceived;
    private bool endTold;
    private bool ended;

    private MemoryLane(MemoryChannel channel, ProtocolId protocol, bool isOpener)
    {
        this.channel = channel;
        IsOpener = isOpener;
        Stream = new LaneStream(this, channel.Socket.Gate, channel.Socket.Scheduler, channel.Peer, protocol);
    }

    public LaneStream Stream { get; }

    public bool IsOpener { get; }

    /// <summary>The peer has read everything, the end too if there is one.</summary>
    public bool IsDrained => buffered == 0 && (!writesCompleted || IsWriteEnded);

    /// <inheritdoc/>
    public bool HasData => received.Count > 0;

    /// <inheritdoc/>
    public bool IsReadEnded => endReceived && received.Count == 0;

    /// <inheritdoc/>
    public bool IsWriteEnded { get; private set; }

    private MemoryLane Other { get; set; } = null!;

    /// <summary>Opens a stream and tells the peer; returns this host's half.</summary>
    public static MemoryLane Open(MemoryChannel channel, ProtocolId protocol)
    {
        var near = new MemoryLane(channel, protocol, isOpener: true);
        near.Other = new MemoryLane(channel.Other, protocol, isOpener: false) { Other = near };
        channel.Lanes.Add(near);
        near.Tell(MemoryEventKind.StreamOpen);
        return near;
    }

    /// <summary>The peer's half lives from now on.</summary>
    public void Accept() => channel.Lanes.Add(this);

    /// <summary>Nobody takes streams of this protocol.</summary>
    public void Refuse()
    {
        Tell(new MemoryEvent
        {
            Kind = MemoryEventKind.StreamStop,
            Channel = channel.Other,
            Lane = Other,
            Status = RequestStatus.ProtocolNotSupported,
        });
        End(new ProtocolNotSupportedException(channel.Peer, Stream.Protocol));
    }

    /// <inheritdoc/>
    public int Read(Span<byte> destination)
    {
        var count = 0;
        while (count < destination.Length && received.TryPeek(out var chunk))
        {
            var part = chunk.Data[offset..];
            var length = Math.Min(part.Length, destination.Length - count);
            part[..length].CopyTo(destination[count..]);
            count += length;
            offset += length;
            if (offset < chunk.Length)
                break;

            offset = 0;
            received.Dequeue();
            channel.Socket.Return(chunk);
            Tell(MemoryEventKind.StreamRead, chunk.Length);
        }

        TellEnd();
        return count;
    }

    /// <inheritdoc/>
    public int Write(ReadOnlySpan<byte> data)
    {
        var accepted = 0;
        while (accepted < data.Length && TryRoom(data.Length - accepted, out var length))
        {
            buffered += length + Limits.MemoryMessageOverhead;
            Tell(new MemoryEvent
            {
                Kind = MemoryEventKind.StreamData,
                Channel = channel.Other,
                Lane = Other,
                Buffer = MemoryBuffers.Copy(data.Slice(accepted, length)),
                Length = length,
            });
            accepted += length;
        }

        return accepted;
    }

    /// <inheritdoc/>
    public void CompleteWrites()
    {
        writesCompleted = true;
        Tell(MemoryEventKind.StreamEnd);
    }

    /// <inheritdoc/>
    public void Abort()
    {
        Tell(MemoryEventKind.StreamStop);
        Forget();
    }

    /// <summary>Does nothing: the peer was told of everything at once.</summary>
    public void Flush()
    {
    }

    /// <summary>Takes what the other half told. Under the gate.</summary>
    public void OnEvent(in MemoryEvent happened)
    {
        if (ended)
        {
            channel.Socket.Return(happened);
            return;
        }

        switch (happened.Kind)
        {
            case MemoryEventKind.StreamData:
                received.Enqueue(happened);
                Stream.OnReadable();
                break;
            case MemoryEventKind.StreamRead:
                buffered -= happened.Length + Limits.MemoryMessageOverhead;
                Stream.OnRoom();
                break;
            case MemoryEventKind.StreamEnd:
                endReceived = true;
                TellEnd();
                Stream.OnReadable();
                break;
            case MemoryEventKind.StreamEndRead:
                IsWriteEnded = true;
                EndWhenDone();
                break;
            default:
                End(happened.Status == RequestStatus.ProtocolNotSupported
                    ? new ProtocolNotSupportedException(channel.Peer, Stream.Protocol)
                    : new SessionLostException(channel.Peer, PeerLoss.ClosedByPeer, maybeDelivered: true));
                break;
        }
    }

    /// <summary>Ends it; null when both sides are done. Under the gate.</summary>
    public void End(MsgNetException? why)
    {
        if (ended)
            return;

        Stream.OnEnded(why);
        Forget();
    }

    private void Forget()
    {
        ended = true;
        buffered = 0;
        channel.Lanes.Remove(this);
        while (received.TryDequeue(out var chunk))
            channel.Socket.Return(chunk);
        channel.Socket.OnLaneGone();
    }

    private bool TryRoom(int wanted, out int length)
    {
        length = Math.Min(Math.Min(wanted, ChunkMax), Limits.MemoryBufferBytesMax - buffered - Limits.MemoryMessageOverhead);
        return length > 0;
    }

    private void TellEnd()
    {
        if (endTold || !IsReadEnded)
            return;

        endTold = true;
        Tell(MemoryEventKind.StreamEndRead);
        EndWhenDone();
    }

    private void EndWhenDone()
    {
        if (endTold && IsWriteEnded)
            End(null);
    }

    private void Tell(MemoryEventKind kind, int length = 0) => Tell(new MemoryEvent
    {
        Kind = kind,
        Channel = channel.Other,
        Lane = Other,
        Length = length,
    });

    private void Tell(in MemoryEvent happened) => channel.Tell(happened);
}
