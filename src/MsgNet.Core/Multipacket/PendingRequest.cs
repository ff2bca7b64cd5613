using System.Buffers;

namespace MsgNet.Core;

/// <summary>
/// A request that waits for its reply. Owned by its <see cref="PendingRequests"/>, which uses the object again once the request is taken.
/// </summary>
internal sealed class PendingRequest
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

    /// <summary>The lane or stream it went over, which it ends with; null for one that datagrams carry.</summary>
    public object? Carrier { get; private set; }

    /// <summary>The message to send again; empty for a request that is sent once.</summary>
    public ReadOnlySpan<byte> Data => buffer.AsSpan(0, length);

    /// <summary>Length of the message in bytes.</summary>
    public int Length => length;

    /// <summary>When it was sent first; never while it was not.</summary>
    public Instant FirstSentAt { get; internal set; }

    /// <summary>When to send again; never while it waits to be sent, and for a request that is sent once.</summary>
    public Instant NextSend { get; internal set; }

    /// <summary>When to give up.</summary>
    public Instant Deadline { get; private set; }

    /// <summary>How often it was sent.</summary>
    public int Sends { get; internal set; }

    /// <summary>It was sent under keys, to a life of the peer that had proven itself; not only in a first flight.</summary>
    internal bool WentUnderKeys { get; set; }

    internal int SendPosition { get; set; }

    internal int DeadlinePosition { get; set; }

    internal void Begin(ulong id, ProtocolId protocol, ReadOnlySpan<byte> data, object? state, Instant deadline, object? carrier)
    {
        Id = id;
        Carrier = carrier;
        Protocol = protocol;
        State = state;
        NextSend = Instant.Never;
        FirstSentAt = Instant.Never;
        Deadline = deadline;
        Sends = 0;
        WentUnderKeys = false;
        length = data.Length;
        if (data.IsEmpty)
            return;

        buffer = ArrayPool<byte>.Shared.Rent(length);
        data.CopyTo(buffer);
    }

    internal TakenRequest End()
    {
        var taken = new TakenRequest(Id, Protocol, State);
        if (buffer is not null)
            ArrayPool<byte>.Shared.Return(buffer);
        buffer = null;
        length = 0;
        State = null;
        Carrier = null;
        return taken;
    }
}
