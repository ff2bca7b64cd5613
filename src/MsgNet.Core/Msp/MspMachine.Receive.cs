namespace MsgNet.Core;

/// <content>The receiving direction.</content>
internal sealed partial class MspMachine
{
    private ReceiveSlot[] received = new ReceiveSlot[RingMin];
    private int receiveWindow;
    private ulong highestEnd;
    private ulong? end;
    private bool hasData;

    private enum ReceiveState : byte
    {
        Missing,
        Held,
        Taken,
        Done,
    }

    /// <summary>
    /// Segments accepted beyond the last one consumed, 1 to less than half of the sequence numbers; a smaller value changes nothing.
    /// </summary>
    public int ReceiveWindow
    {
        get => receiveWindow;
        set
        {
            CheckWindow(value);
            receiveWindow = Math.Max(receiveWindow, value);
        }
    }

    /// <summary>One more than the last number consumed in order: what is acknowledged.</summary>
    public ulong Consumed { get; private set; }

    /// <summary>The first number not taken of those taken in order; it may not be here yet.</summary>
    public ulong NextToTake { get; private set; }

    /// <summary>Nothing that was received waits to be consumed.</summary>
    public bool IsAllConsumed => Consumed == highestEnd;

    /// <summary>Bytes received and not taken yet.</summary>
    public long BytesReceived { get; private set; }

    /// <summary>A data packet has arrived: acknowledgements count from now on.</summary>
    public bool HasReceived => hasData;

    /// <summary>The peer's SHUTDOWN has been consumed: nothing more comes.</summary>
    public bool IsEnded => Consumed == end;

    /// <summary>Everything up to the peer's SHUTDOWN was taken, or it has been consumed.</summary>
    public bool IsAllTaken => NextToTake == end;

    /// <summary>Both directions are shut down, everything of ours is acknowledged and everything of the peer's consumed.</summary>
    public bool IsDone => IsSentCompletely && IsEnded;

    /// <summary>This direction was shut down, and everything including the SHUTDOWN is acknowledged.</summary>
    public bool IsSentCompletely => shutdownPlaced && FirstUnacknowledged == NextSequence;

    // MSP-013, MSP-015
    private MspFlags StandingFlags => (hasData ? MspFlags.Ack : MspFlags.None) | (HasHeard ? MspFlags.None : MspFlags.First);

    private ushort WireAck => OnWire(unchecked(Consumed - 1));

    /// <summary>Takes a packet.</summary>
    public MspVerdict OnPacket(in MspPacket packet) => OnPacket(packet, out _);

    /// <summary>Takes a packet.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="sequence">The number of the segment, with <see cref="MspVerdict.Accepted"/>.</param>
    public MspVerdict OnPacket(in MspPacket packet, out ulong sequence)
    {
        sequence = 0;
        if (!packet.IsStop && packet.HasAck && !TakeAck(packet.Ack))
            return MspVerdict.BadAck;

        HasHeard = true;
        if (packet.IsStop)
            return MspVerdict.Stopped;
        if (!packet.IsData)
            return MspVerdict.Taken;

        hasData = true;
        var distance = Distance(packet.Sequence, Consumed);
        if (distance < 0)
            return MspVerdict.Duplicate;
        if (distance >= receiveWindow)
            return MspVerdict.BeyondWindow;

        sequence = Consumed + (ulong)distance;
        return Keep(sequence, packet.Data, (packet.Flags & MspFlags.Shutdown) != 0);
    }

    /// <summary>
    /// The next segment in order that was not taken; false when it is not here. One without bytes can be the extra one of a SHUTDOWN.
    /// </summary>
    public bool TryPeekReceived(out ulong sequence, out ReadOnlySpan<byte> data)
    {
        sequence = NextToTake;
        return TryGetReceived(NextToTake, out data);
    }

    /// <summary>The bytes of a segment that is here and was not taken; false of any other number.</summary>
    public bool TryGetReceived(ulong sequence, out ReadOnlySpan<byte> data)
    {
        data = default;
        if (sequence < Consumed || sequence - Consumed >= (ulong)received.Length)
            return false;

        ref readonly var slot = ref received[IndexOf(sequence, received.Length)];
        data = slot.Buffer.AsSpan(0, slot.Length);
        return slot.State == ReceiveState.Held;
    }

    /// <summary>
    /// Hands over a segment that is here, whichever: its bytes are gone when this returns; its place in the window stays until
    /// <see cref="Consume"/>.
    /// </summary>
    public void Take(ulong sequence)
    {
        Invariant.Check(TryGetReceived(sequence, out _));
        ref var slot = ref received[IndexOf(sequence, received.Length)];
        slot.State = ReceiveState.Taken;
        Free(ref slot);
        while (NextToTake - Consumed < (ulong)received.Length
            && received[IndexOf(NextToTake, received.Length)].State is ReceiveState.Taken or ReceiveState.Done)
        {
            NextToTake++;
        }
    }

    /// <summary>
    /// The receiver is done with a segment it took; the acknowledgement moves over all that are done in order. Repeated calls do nothing.
    /// </summary>
    public void Consume(ulong sequence)
    {
        if (sequence < Consumed)
            return;

        ref var slot = ref received[IndexOf(sequence, received.Length)];
        Invariant.Check(sequence - Consumed < (ulong)received.Length && slot.State is ReceiveState.Taken or ReceiveState.Done);
        slot.State = ReceiveState.Done;
        while (received[IndexOf(Consumed, received.Length)].State == ReceiveState.Done)
        {
            received[IndexOf(Consumed, received.Length)] = default;
            Consumed++;
        }
    }

    /// <summary>Writes a packet without data; returns <see cref="MspPacket.AckLength"/>.</summary>
    public int WriteAck(Span<byte> destination) => MspPacket.WriteAck(destination, StandingFlags, WireAck);

    private MspVerdict Keep(ulong sequence, ReadOnlySpan<byte> data, bool isLast)
    {
        if (sequence - Consumed < (ulong)received.Length && received[IndexOf(sequence, received.Length)].State != ReceiveState.Missing)
            return MspVerdict.Duplicate;
        if (sequence >= end || (isLast && (end is not null || highestEnd > sequence)))
            return MspVerdict.Broken;

        while (sequence - Consumed >= (ulong)received.Length)
            GrowReceived();
        ref var slot = ref received[IndexOf(sequence, received.Length)];
        slot.State = ReceiveState.Held;
        slot.Length = data.Length;
        if (!data.IsEmpty)
        {
            slot.Buffer = pool.Rent(data.Length);
            data.CopyTo(slot.Buffer);
            BytesReceived += data.Length;
        }

        highestEnd = Math.Max(highestEnd, sequence + 1);
        if (isLast)
            end = sequence + 1;
        return MspVerdict.Accepted;
    }

    private void GrowReceived()
    {
        var larger = new ReceiveSlot[received.Length * 2];
        for (var number = Consumed; number < Consumed + (ulong)received.Length; number++)
            larger[IndexOf(number, larger.Length)] = received[IndexOf(number, received.Length)];
        received = larger;
    }

    private void Free(ref ReceiveSlot slot)
    {
        if (slot.Buffer is null)
            return;

        BytesReceived -= slot.Length;
        pool.Return(slot.Buffer);
        slot.Buffer = null;
        slot.Length = 0;
    }

    private struct ReceiveSlot
    {
        public byte[]? Buffer;
        public int Length;
        public ReceiveState State;
    }
}
