namespace MsgNet.Core;

/// <summary>
/// One MSP connection without timers: two directions of numbered segments, cumulative acknowledgement of what was consumed, FIRST,
/// SHUTDOWN and STOP (<c>specs/msp.md</c>). It has two users, which tell it what arrived and what is lost: lanes by REPORT, MSP over MDP by
/// acknowledgements and timers. Numbers are 64 bits here, their low 16 on the wire. Not thread-safe.
/// </summary>
internal sealed class MspMachine : IDisposable
{
    public MspMachine(MspMachineSettings settings, BufferPool pool) => throw new NotImplementedException();

    // ---- sending ----

    /// <summary>The number the next segment gets.</summary>
    public ulong NextSequence => throw new NotImplementedException();

    /// <summary>
    /// The first number the peer has not acknowledged, that is to say consumed; equal to <see cref="NextSequence"/> when none is.
    /// </summary>
    public ulong FirstUnacknowledged => throw new NotImplementedException();

    /// <summary>Segments the peer accepts beyond its last acknowledgement; only ever grows in what it grants.</summary>
    public int SendWindow { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    /// <summary>Another segment may be made: the window has room and SHUTDOWN was not asked for.</summary>
    public bool CanAppend => throw new NotImplementedException();

    /// <summary>Bytes of segments kept until they arrive.</summary>
    public long BytesKept => throw new NotImplementedException();

    /// <summary>The peer has sent a packet: FIRST is no longer set.</summary>
    public bool HasHeard => throw new NotImplementedException();

    /// <summary>Makes the next segment; copies its bytes. Its number is returned.</summary>
    public ulong Append(ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>
    /// No segment follows those appended: SHUTDOWN goes on the last of them if that was not sent yet, else on an extra empty one.
    /// </summary>
    public void Shutdown() => throw new NotImplementedException();

    /// <summary>The segment to send next: the lowest lost one, else the first never sent; false when there is none.</summary>
    public bool TryPeekSend(out ulong sequence, out int packetLength) => throw new NotImplementedException();

    /// <summary>The oldest segment sent and not known to have arrived, for a probe; false when there is none.</summary>
    public bool TryPeekProbe(out ulong sequence, out int packetLength) => throw new NotImplementedException();

    /// <summary>Writes a data packet with the newest acknowledgement and notes that it is under way; returns its length.</summary>
    public int WriteData(ulong sequence, Span<byte> destination) => throw new NotImplementedException();

    /// <summary>A segment has arrived: its bytes are freed; its number stays until acknowledged. Repeated calls do nothing.</summary>
    public void OnArrived(ulong sequence) => throw new NotImplementedException();

    /// <summary>A sending of a segment is lost: it is sent again unless it has arrived. Repeated calls do nothing.</summary>
    public void OnLost(ulong sequence) => throw new NotImplementedException();

    // ---- receiving ----

    /// <summary>Segments accepted beyond the last one consumed; never shrinks.</summary>
    public int ReceiveWindow { get => throw new NotImplementedException(); set => throw new NotImplementedException(); }

    /// <summary>One more than the last number consumed in order: what is acknowledged.</summary>
    public ulong Consumed => throw new NotImplementedException();

    /// <summary>Bytes received and neither taken nor given up.</summary>
    public long BytesReceived => throw new NotImplementedException();

    /// <summary>The peer's SHUTDOWN has been consumed: nothing more comes.</summary>
    public bool IsEnded => throw new NotImplementedException();

    /// <summary>Both directions are shut down, everything of ours is acknowledged and everything of the peer's consumed.</summary>
    public bool IsDone => throw new NotImplementedException();

    /// <summary>Takes a packet.</summary>
    public MspVerdict OnPacket(in MspPacket packet) => throw new NotImplementedException();

    /// <summary>
    /// The next segment to hand over (in order; of an unordered connection, any that was not taken); false when there is none.
    /// </summary>
    public bool TryPeekReceived(out ulong sequence, out ReadOnlySpan<byte> data) => throw new NotImplementedException();

    /// <summary>Hands over the segment just peeked: its bytes are gone after <see cref="Consume"/>, its place in the window too.</summary>
    public void Take(ulong sequence) => throw new NotImplementedException();

    /// <summary>The receiver is done with a segment it took; the acknowledgement moves over all that are done in order.</summary>
    public void Consume(ulong sequence) => throw new NotImplementedException();

    /// <summary>Writes a packet without data; returns <see cref="MspPacket.AckLength"/>.</summary>
    public int WriteAck(Span<byte> destination) => throw new NotImplementedException();

    public void Dispose() => throw new NotImplementedException();
}
