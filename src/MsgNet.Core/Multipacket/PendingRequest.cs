using System.Buffers;

namespace MsgNet.Core;

/// <summary>A request that waits for its reply. Owned by its <see cref="PendingRequests"/>, which uses the object again once the request is taken.</summary>
public sealed class PendingRequest
{
    private byte[]? buffer;
    private int length;

    internal PendingRequest()
    {
    }

    /// <summary>The id its TAGGED carries and its REPLY repeats.</summary>
    public ulong Id { get; private set; }

    /// <summary>The protocol.</summary>
    public ProtocolId Protocol { get; private set; }

    /// <summary>Whatever the owner wants back when the request ends.</summary>
    public object? State { get; private set; }

    /// <summary>The TAGGED frame to send again, without its length; empty for a request that is sent once.</summary>
    public ReadOnlySpan<byte> Frame => buffer.AsSpan(0, length);

    /// <summary>When to send again; never for a request that is sent once.</summary>
    public Instant NextSend { get; internal set; }

    /// <summary>When to give up.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>How often it was sent, from 1.</summary>
    public int Sends { get; internal set; }

    internal int SendPosition { get; set; }

    internal int DeadlinePosition { get; set; }

    internal void Begin(ulong id, ProtocolId protocol, ReadOnlySpan<byte> frame, object? state, Instant nextSend, Instant deadline)
    {
        Id = id;
        Protocol = protocol;
        State = state;
        NextSend = nextSend;
        Deadline = deadline;
        Sends = 1;
        length = frame.Length;
        if (frame.IsEmpty)
            return;

        buffer = ArrayPool<byte>.Shared.Rent(length);
        frame.CopyTo(buffer);
    }

    internal TakenRequest End()
    {
        var taken = new TakenRequest(Id, Protocol, State);
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
        length = 0;
        State = null;
        return taken;
    }
}
