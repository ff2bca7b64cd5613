namespace MsgNet.Core;

/// <summary>
/// One MSP connection without timers: two directions of numbered segments, cumulative acknowledgement of what was consumed, FIRST,
/// SHUTDOWN and STOP. It has two users, which tell it what arrived and what is lost: lanes by REPORT, MSP over MDP by
/// acknowledgements and timers. Numbers are 64 bits here, their low 16 on the wire. Not thread-safe.
/// </summary>
internal sealed partial class MspMachine : IDisposable
{
    private const int RingMin = 8;

    private readonly BufferPool pool;
    private readonly int sequenceBits;
    private readonly int windowMax;

    private SendSlot[] sent = new SendSlot[RingMin];
    private ulong neverSent;
    private ulong lostFrom;
    private ulong probeFrom;
    private int lostCount;
    private int sendWindow;
    private bool shutdownWanted;
    private bool shutdownPlaced;

    /// <param name="settings">How it works.</param>
    /// <param name="pool">Where the bytes of segments live.</param>
    /// <exception cref="ArgumentOutOfRangeException">A window is not at least 1 and less than half of the sequence numbers.</exception>
    public MspMachine(MspMachineSettings settings, BufferPool pool)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(settings.SequenceBits, 2);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(settings.SequenceBits, 16);
        this.pool = pool;
        sequenceBits = settings.SequenceBits;
        // MSP-012: more, and neither a new segment nor an acknowledgement could be told from a repeated one by signed distance.
        windowMax = (1 << (sequenceBits - 1)) - 1;
        CheckWindow(settings.SendWindow);
        CheckWindow(settings.ReceiveWindow);
        sendWindow = settings.SendWindow;
        receiveWindow = settings.ReceiveWindow;
    }

    private enum SendState : byte
    {
        New,
        UnderWay,
        Lost,
        Arrived,
    }

    /// <summary>The number the next segment gets.</summary>
    public ulong NextSequence { get; private set; }

    /// <summary>
    /// The first number the peer has not acknowledged, that is to say consumed; equal to <see cref="NextSequence"/> when none is.
    /// </summary>
    public ulong FirstUnacknowledged { get; private set; }

    /// <summary>
    /// Segments the peer accepts beyond its last acknowledgement, 1 to less than half of the sequence numbers. What was granted is never
    /// taken back: a smaller value changes nothing.
    /// </summary>
    public int SendWindow
    {
        get => sendWindow;
        set
        {
            CheckWindow(value);
            sendWindow = Math.Max(sendWindow, value);
            PlaceShutdown();
        }
    }

    /// <summary>Another segment may be made: the window has room and SHUTDOWN was not asked for.</summary>
    public bool CanAppend => !shutdownWanted && HasRoom;

    /// <summary><see cref="Shutdown"/> was called.</summary>
    public bool IsShutdown => shutdownWanted;

    /// <summary>Bytes of segments kept until they arrive.</summary>
    public long BytesKept { get; private set; }

    /// <summary>The peer has sent a packet: FIRST is no longer set.</summary>
    public bool HasHeard { get; private set; }

    /// <summary>A segment waits to be sent, for the first time or again.</summary>
    public bool HasToSend => lostCount > 0 || neverSent < NextSequence;

    /// <summary>A segment waits to be sent again.</summary>
    public bool HasLost => lostCount > 0;

    /// <summary>
    /// The first segment that is not acknowledged was reported in pieces since it was sent last: its bytes are kept, for the peer may not
    /// have put them together.
    /// </summary>
    public bool IsFirstInDoubt => FirstUnacknowledged < neverSent
        && sent[IndexOf(FirstUnacknowledged, sent.Length)] is { State: SendState.UnderWay, InDoubt: true };

    private bool HasRoom => NextSequence - FirstUnacknowledged < (ulong)sendWindow;

    /// <summary>A segment has left at least once.</summary>
    public bool WasSent(ulong sequence) => sequence < neverSent;

    /// <summary>Makes the next segment; copies its bytes. Its number is returned.</summary>
    /// <exception cref="InvalidOperationException"><see cref="CanAppend"/> is false.</exception>
    public ulong Append(ReadOnlySpan<byte> data)
    {
        if (data.IsEmpty)
            return Append(null, 0);

        CheckAppend();
        var buffer = pool.Rent(data.Length);
        data.CopyTo(buffer);
        return Append(buffer, data.Length);
    }

    /// <summary>Makes the next segment of a buffer of the machine's pool, which belongs to the machine from now on.</summary>
    /// <exception cref="InvalidOperationException"><see cref="CanAppend"/> is false.</exception>
    public ulong Append(byte[]? buffer, int length)
    {
        CheckAppend();
        ref var slot = ref NewSlot();
        slot.Buffer = buffer;
        slot.Length = length;
        BytesKept += length;
        return NextSequence++;
    }

    /// <summary>
    /// No segment follows those appended: SHUTDOWN goes on the last of them if that was not sent yet, else on an extra empty one, as soon
    /// as the window has room for it. Repeated calls do nothing.
    /// </summary>
    public void Shutdown()
    {
        if (shutdownWanted)
            return;

        shutdownWanted = true;
        // MSP-016: a segment on its way keeps its flags, so that every sending of a number is the same.
        if (neverSent < NextSequence)
        {
            sent[IndexOf(NextSequence - 1, sent.Length)].IsLast = true;
            shutdownPlaced = true;
            return;
        }

        PlaceShutdown();
    }

    /// <summary>The segment to send next: the lowest lost one, else the first never sent; false when there is none.</summary>
    public bool TryPeekSend(out ulong sequence, out int packetLength)
    {
        if (lostCount > 0)
        {
            while (sent[IndexOf(lostFrom, sent.Length)].State != SendState.Lost)
                lostFrom++;
            sequence = lostFrom;
        }
        else
        {
            sequence = neverSent;
        }

        var found = HasToSend;
        packetLength = found ? MspPacket.HeaderLength + sent[IndexOf(sequence, sent.Length)].Length : 0;
        return found;
    }

    /// <summary>The oldest segment sent and not known to have arrived, for a probe; false when there is none.</summary>
    public bool TryPeekProbe(out ulong sequence, out int packetLength)
    {
        while (probeFrom < neverSent && sent[IndexOf(probeFrom, sent.Length)].State == SendState.Arrived)
            probeFrom++;
        sequence = probeFrom;
        var found = probeFrom < neverSent;
        packetLength = found ? MspPacket.HeaderLength + sent[IndexOf(sequence, sent.Length)].Length : 0;
        return found;
    }

    /// <summary>Writes a data packet with the newest acknowledgement and notes that it is under way; returns its length.</summary>
    /// <param name="sequence">What <see cref="TryPeekSend"/> or <see cref="TryPeekProbe"/> gave, with no other call since.</param>
    /// <param name="destination">Has room for the length that was peeked.</param>
    public int WriteData(ulong sequence, Span<byte> destination)
    {
        Invariant.Check(sequence >= FirstUnacknowledged && sequence <= neverSent && sequence < NextSequence);
        ref var slot = ref sent[IndexOf(sequence, sent.Length)];
        Invariant.Check(slot.State != SendState.Arrived);
        if (slot.State == SendState.Lost)
            lostCount--;
        slot.State = SendState.UnderWay;
        slot.InDoubt = false;
        if (sequence == neverSent)
            neverSent++;

        // MSP-011
        var flags = StandingFlags | (slot.IsLast ? MspFlags.Shutdown : MspFlags.None);
        var length = MspPacket.WriteHeader(destination, flags, WireAck, OnWire(sequence));
        slot.Buffer.AsSpan(0, slot.Length).CopyTo(destination[length..]);
        return length + slot.Length;
    }

    /// <summary>A segment has arrived: its bytes are freed; its number stays until acknowledged. Repeated calls do nothing.</summary>
    public void OnArrived(ulong sequence)
    {
        if (sequence < FirstUnacknowledged || sequence >= neverSent)
            return;

        ref var slot = ref sent[IndexOf(sequence, sent.Length)];
        if (slot.State == SendState.Lost)
            lostCount--;
        slot.State = SendState.Arrived;
        Free(ref slot);
    }

    /// <summary>Every piece of a segment has arrived: the segment may have.</summary>
    public void OnPiecesArrived(ulong sequence)
    {
        if (sequence < FirstUnacknowledged || sequence >= neverSent)
            return;

        ref var slot = ref sent[IndexOf(sequence, sent.Length)];
        slot.InDoubt = slot.State == SendState.UnderWay;
    }

    /// <summary>A sending of a segment is lost: it is sent again unless it has arrived. Repeated calls do nothing.</summary>
    public void OnLost(ulong sequence)
    {
        if (sequence < FirstUnacknowledged || sequence >= neverSent)
            return;

        ref var slot = ref sent[IndexOf(sequence, sent.Length)];
        if (slot.State != SendState.UnderWay)
            return;

        slot.State = SendState.Lost;
        lostFrom = lostCount == 0 ? sequence : Math.Min(lostFrom, sequence);
        lostCount++;
    }

    public void Dispose()
    {
        for (var i = 0; i < sent.Length; i++)
            Free(ref sent[i]);
        for (var i = 0; i < received.Length; i++)
            Free(ref received[i]);
    }

    private static int IndexOf(ulong sequence, int ringLength) => (int)(sequence & (ulong)(ringLength - 1));

    private void CheckWindow(int value)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, windowMax);
    }

    private ushort OnWire(ulong sequence) => (ushort)(sequence & ((1UL << sequenceBits) - 1));

    // How far the wire's number lies from the expected one, -windowMax to windowMax - 1.
    private long Distance(ushort wire, ulong expected)
    {
        var unused = 64 - sequenceBits;
        return (long)((wire - expected) << unused) >> unused;
    }

    private void CheckAppend()
    {
        if (!CanAppend)
            throw new InvalidOperationException("No segment can be appended now: ask CanAppend before.");
    }

    private void PlaceShutdown()
    {
        if (!shutdownWanted || shutdownPlaced || !HasRoom)
            return;

        NewSlot().IsLast = true;
        NextSequence++;
        shutdownPlaced = true;
    }

    private ref SendSlot NewSlot()
    {
        if (NextSequence - FirstUnacknowledged == (ulong)sent.Length)
        {
            var larger = new SendSlot[sent.Length * 2];
            for (var number = FirstUnacknowledged; number < NextSequence; number++)
                larger[IndexOf(number, larger.Length)] = sent[IndexOf(number, sent.Length)];
            sent = larger;
        }

        ref var slot = ref sent[IndexOf(NextSequence, sent.Length)];
        slot = default;
        return ref slot;
    }

    // False when it acknowledges what was never sent. One that is older than the newest says nothing, and is good.
    private bool TakeAck(ushort ack)
    {
        var newly = Distance((ushort)(ack + 1), FirstUnacknowledged);
        if (newly > (long)(neverSent - FirstUnacknowledged))
            return false;

        for (; newly > 0; newly--)
        {
            ref var slot = ref sent[IndexOf(FirstUnacknowledged, sent.Length)];
            if (slot.State == SendState.Lost)
                lostCount--;
            Free(ref slot);
            FirstUnacknowledged++;
        }

        lostFrom = Math.Max(lostFrom, FirstUnacknowledged);
        probeFrom = Math.Max(probeFrom, FirstUnacknowledged);
        PlaceShutdown();
        return true;
    }

    private void Free(ref SendSlot slot)
    {
        if (slot.Buffer is null)
            return;

        BytesKept -= slot.Length;
        pool.Return(slot.Buffer);
        slot.Buffer = null;
    }

    private struct SendSlot
    {
        public byte[]? Buffer;
        public int Length;
        public SendState State;
        public bool IsLast;
        public bool InDoubt;
    }
}
