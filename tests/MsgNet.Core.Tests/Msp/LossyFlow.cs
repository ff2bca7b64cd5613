using System.Buffers.Binary;

namespace MsgNet.Core.Tests.Msp;

/// <summary>
/// One direction of a connection over a network that loses 30 % of all packets, repeats 50 % of the others, and reorders them as far as the
/// channel's replay window lets them through. What arrived and what is lost is told to the sender as REPORTs would.
/// </summary>
internal sealed class LossyFlow(MspMachine sender, MspMachine receiver, Random random)
{
    private const int UsableWindow = 8_128;
    private readonly Queue<(long Number, ulong Sequence, byte[] Packet, bool Repeated)>[] delayed = [new(), new(), new(), new()];
    private readonly Stack<byte[]> spare = new();
    private readonly byte[] scratch = new byte[64];
    private long sentPackets;

    /// <summary>Packets that never arrived.</summary>
    public long Lost { get; private set; }

    /// <summary>Segments that arrived again.</summary>
    public long Duplicates { get; private set; }

    /// <summary>How often nothing could be appended.</summary>
    public long WindowWasFull { get; private set; }

    public void Run(int segments)
    {
        var end = sender.NextSequence + (ulong)segments;
        var idleRounds = 0;
        while (sender.FirstUnacknowledged < end)
        {
            var before = sender.FirstUnacknowledged;
            Send(end);
            foreach (var queue in delayed)
                Deliver(queue, random.Next(0, 600));
            if (random.Next(8) == 0 || sender.NextSequence == end)
                Consume();
            idleRounds = sender.FirstUnacknowledged == before ? idleRounds + 1 : 0;
            Assert.True(idleRounds < 10_000, $"Nothing moves at {before}.");
        }

        foreach (var queue in delayed)
            Deliver(queue, int.MaxValue);
    }

    private void Send(ulong end)
    {
        for (var i = 0; i < 1000; i++)
        {
            if (!sender.HasToSend && sender.NextSequence < end)
            {
                if (!sender.CanAppend)
                {
                    WindowWasFull++;
                    return;
                }

                BinaryPrimitives.WriteUInt64LittleEndian(scratch, sender.NextSequence);
                sender.Append(scratch.AsSpan(0, sizeof(ulong)));
            }

            if (!sender.TryPeekSend(out var sequence, out var length))
                return;

            var packet = spare.TryPop(out var used) ? used : new byte[MspPacket.HeaderLength + sizeof(ulong)];
            Assert.Equal(packet.Length, length);
            sender.WriteData(sequence, packet);
            delayed[random.Next(delayed.Length)].Enqueue((sentPackets++, sequence, packet, false));
        }
    }

    private void Deliver(Queue<(long Number, ulong Sequence, byte[] Packet, bool Repeated)> queue, int count)
    {
        for (var i = 0; i < count && queue.TryDequeue(out var item); i++)
        {
            if (!item.Repeated && random.Next(100) < 30)
            {
                Lost++;
                sender.OnLost(item.Sequence);
                spare.Push(item.Packet);
                continue;
            }

            // The replay window refuses what is older; a sender learns of it as of a loss.
            if (sentPackets - item.Number > UsableWindow)
            {
                if (!item.Repeated)
                    sender.OnLost(item.Sequence);
                spare.Push(item.Packet);
                continue;
            }

            Take(item.Sequence, item.Packet);
            if (!item.Repeated)
                sender.OnArrived(item.Sequence);
            if (random.Next(100) < 50)
                delayed[random.Next(delayed.Length)].Enqueue(item with { Repeated = true });
            else
                spare.Push(item.Packet);
        }
    }

    private void Take(ulong sequence, byte[] bytes)
    {
        Assert.True(MspPacket.TryParse(bytes, out var packet));
        var verdict = receiver.OnPacket(packet, out var found);
        if (verdict == MspVerdict.Duplicate)
        {
            Duplicates++;
            return;
        }

        Assert.Equal(MspVerdict.Accepted, verdict);
        Assert.Equal(sequence, found);
    }

    private void Consume()
    {
        while (receiver.TryPeekReceived(out var sequence, out var data))
        {
            Assert.Equal(sequence, BinaryPrimitives.ReadUInt64LittleEndian(data));
            receiver.Take(sequence);
            receiver.Consume(sequence);
        }

        if (random.Next(100) < 30)
            return;

        Assert.True(MspPacket.TryParse(scratch.AsSpan(0, receiver.WriteAck(scratch)), out var ack));
        Assert.Equal(MspVerdict.Taken, sender.OnPacket(ack));
    }
}
