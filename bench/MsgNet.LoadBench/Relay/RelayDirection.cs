using MsgNet.LoadBench.Contestants.Native;

namespace MsgNet.LoadBench.Relay;

/// <summary>Carries datagrams from one socket to another, as a link would. One thread.</summary>
internal sealed unsafe class RelayDirection(LinkDirection link, Slots slots) : IDisposable
{
    private const int DatagramMax = 1_472; // a frame of Ethernet less its headers
    private readonly DatagramBatch incoming = new();
    private readonly DatagramBatch outgoing = new();
    private readonly Queue<(int Slot, int Length, long At)> underWay = new();
    private readonly int[] prepared = [.. Enumerable.Repeat(-1, DatagramBatch.Length)];

    /// <summary>Datagrams that were too large.</summary>
    public long Oversized { get; private set; }

    /// <summary>When the next datagram comes out; <see cref="long.MaxValue"/> when none is under way.</summary>
    public long NextAt => underWay.TryPeek(out var next) ? next.At : long.MaxValue;

    /// <summary>Takes what came; how many it was. <paramref name="from"/> receives the address of the last.</summary>
    public int Receive(int socket, long now, Span<byte> from)
    {
        if (slots.FreeCount < DatagramBatch.Length)
            return 0;

        for (var i = 0; i < DatagramBatch.Length; i++)
        {
            if (prepared[i] < 0)
                incoming.Set(i, slots[prepared[i] = slots.Take()], Slots.Size);
        }

        var count = incoming.Receive(socket);
        for (var i = 0; i < count; i++)
            Enter(i, now);
        if (count > 0 && !from.IsEmpty)
            incoming.From(count - 1).CopyTo(from);
        return count;
    }

    /// <summary>Sends what is due; how many it was.</summary>
    public int Send(int socket, long now, byte* to)
    {
        var count = 0;
        Span<int> sent = stackalloc int[DatagramBatch.Length];
        while (count < DatagramBatch.Length && underWay.TryPeek(out var next) && next.At <= now)
        {
            outgoing.Set(count, slots[next.Slot], next.Length);
            sent[count++] = next.Slot;
            underWay.Dequeue();
        }

        if (count > 0)
            outgoing.Send(socket, count, to);
        foreach (var slot in sent[..count])
            slots.Return(slot);
        return count;
    }

    /// <summary>What the link did since it was last asked.</summary>
    public LinkCounts Take() => link.Take();

    public void Dispose()
    {
        incoming.Dispose();
        outgoing.Dispose();
    }

    private void Enter(int i, long now)
    {
        var length = incoming.LengthOf(i);
        if (length > DatagramMax)
        {
            Oversized++;
            return;
        }

        // What is lost leaves its slot for the next.
        if (link.TryEnter(now, length, out var at))
        {
            underWay.Enqueue((prepared[i], length, at));
            prepared[i] = -1;
        }
    }
}
