using MsgNet.LoadBench.Contestants.Native;

namespace MsgNet.LoadBench.Relay;

/// <summary>Carries datagrams from one socket to another, as a link would. One thread.</summary>
internal sealed unsafe class RelayDirection(LinkDirection link, LinkClock clock, Slots slots) : IDisposable
{
    private const int DatagramMax = 1_472; // a frame of Ethernet less its headers
    private readonly DatagramBatch incoming = new();
    private readonly DatagramBatch outgoing = new();
    private readonly Queue<(int Slot, int Length, long At)> underWay = new(slots.FreeCount);
    private readonly int[] prepared = [.. Enumerable.Repeat(-1, DatagramBatch.Length)];
    private readonly Waits late = new();
    private long enteredAt;
    private long oversized;

    /// <summary>When the next datagram comes out; <see cref="long.MaxValue"/> when none is under way.</summary>
    public long NextAt => underWay.TryPeek(out var next) ? next.At : long.MaxValue;

    /// <summary>Takes what came; how many it was. <paramref name="from"/> receives the address of the last.</summary>
    public int Receive(int socket, Span<byte> from)
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
            Enter(i);
        if (count > 0 && !from.IsEmpty)
            incoming.From(count - 1).CopyTo(from);
        return count;
    }

    /// <summary>Sends what is due; how many it was.</summary>
    public int Send(int socket, byte* to)
    {
        var count = 0;
        Span<int> sent = stackalloc int[DatagramBatch.Length];
        while (count < DatagramBatch.Length && underWay.TryPeek(out var next) && next.At <= clock.Now)
        {
            late.Add(clock.Now - next.At);
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

    /// <summary>What the link did since it was last asked, and the datagrams that were too large for it.</summary>
    public LinkCounts Take(out long tooLarge)
    {
        (tooLarge, oversized) = (oversized, 0);
        return link.Take() with { LateP99Milliseconds = late.Take(0.99) };
    }

    public void Dispose()
    {
        incoming.Dispose();
        outgoing.Dispose();
    }

    private void Enter(int i)
    {
        var length = incoming.LengthOf(i);
        if (length > DatagramMax)
        {
            oversized++;
            return;
        }

        // What came while the relay had no processor entered the link when it came, not when the relay sees it.
        enteredAt = Math.Max(enteredAt, clock.MomentOf(incoming.ArrivedAt(i)));

        // What is lost leaves its slot for the next.
        if (link.TryEnter(enteredAt, length, out var at))
        {
            underWay.Enqueue((prepared[i], length, at));
            prepared[i] = -1;
        }
    }
}
