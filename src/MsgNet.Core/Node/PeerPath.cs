namespace MsgNet.Core;

/// <summary>
/// One remote address of a peer with its RTT, congestion window and datagram size; outlives the keys used over it (REC-024), and moves with
/// the peer.
/// </summary>
internal sealed class PeerPath(in NetAddress address, CongestionControl control)
{
    private DatagramSizeSearch search = new(address.IsIPv4);
    private ulong? answer;
    private PeerPath? after;

    public NetAddress Address { get; private set; } = address;

    /// <summary>The path of the peer that was added after this one; only <see cref="PeerChannel"/> writes it.</summary>
    public ref PeerPath? After => ref after;

    public PathRecovery Recovery { get; } = new(Limits.DatagramSizeMin, control);

    /// <summary>UDP payload this path carries.</summary>
    public int DatagramSize => Recovery.DatagramSize;

    /// <summary>The search for a larger one.</summary>
    public ref DatagramSizeSearch Search => ref search;

    /// <summary>An F1 came over this path and its F2 has not left.</summary>
    public bool HasAnswer => answer is not null;

    /// <summary>An F1 came over this path; the newest is answered, once.</summary>
    public void Ask(ulong challenge) => answer = challenge; // MP-011

    /// <summary>Writes the F2, first of all frames.</summary>
    public void WriteAnswer(ref WireWriter frames)
    {
        if (answer is { } challenge && FrameWriter.TryWritePathResponse(ref frames, challenge))
            answer = null;
    }

    /// <summary>The peer is elsewhere: nothing that was measured on the way to it holds any more (SEC-088).</summary>
    public void MoveTo(in NetAddress other)
    {
        Address = other;
        answer = null;
        Search = new DatagramSizeSearch(other.IsIPv4);
        Recovery.OnPathChanged(Limits.DatagramSizeMin);
    }

    /// <summary>An F2 came over this path.</summary>
    public void OnResponse(Instant now, ulong token)
    {
        if (Search.OnResponse(now, token))
            Recovery.DatagramSize = Search.Size;
    }

    /// <summary>A probe for a larger size may leave: it is of use, and the path has spoken since larger datagrams vanished.</summary>
    public bool IsSizeProbeDue(Instant now) =>
        Search.IsDue(now, Recovery.ProbeTimeout) && Recovery.WasHeardSince(Search.FellAt) && Recovery.CanSend(now, DatagramSize); // SEC-093

    /// <summary>Gives up a probe that is overdue, and falls back to the least size when larger datagrams no longer arrive.</summary>
    public void CheckSize(Instant now)
    {
        Search.OnTimer(now);
        if (Recovery.LargeLosses < Limits.LargeLossesMax || DatagramSize == Limits.DatagramSizeMin)
            return;

        Search.OnBlackHole(now); // SEC-093
        Recovery.DatagramSize = Search.Size;
    }
}
