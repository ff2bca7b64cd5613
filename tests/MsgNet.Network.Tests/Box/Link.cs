namespace MsgNet.NetworkTests;

/// <summary>One direction of one host's link. Its fates come from a source of its own, so they depend on no other link.</summary>
internal sealed class Link(Random random)
{
    private TimeSpan freeAt;
    private TimeSpan latest;

    public LinkFaults Faults { get; set; } = LinkFaults.None;

    /// <summary>Packets that entered.</summary>
    public long Entered { get; private set; }

    public long Lost { get; private set; }

    public long Duplicated { get; private set; }

    public long Corrupted { get; private set; }

    /// <summary>Packets that leave before one that entered earlier.</summary>
    public long Reordered { get; private set; }

    /// <summary>Packets that found the queue of a slow link full.</summary>
    public long Overflowed { get; private set; }

    /// <summary>Packets above the MTU.</summary>
    public long TooLong { get; private set; }

    /// <summary>The longest packet that left, in bytes.</summary>
    public int Longest { get; private set; }

    /// <summary>Decides how often a packet leaves (0 to 2 times) and when, and may damage it.</summary>
    public int Judge(TimeSpan now, IpPacket packet, out TimeSpan leaves)
    {
        Entered++;
        var length = packet.Bytes.Length;
        leaves = now;

        // Always the same draws, so that one setting does not shift the fates of another.
        var (loss, twice, damage, late) = (random.NextDouble(), random.NextDouble(), random.NextDouble(), random.NextDouble());
        if (Faults.Mtu > 0 && length > Faults.Mtu)
        {
            TooLong++;
            return 0;
        }

        if (loss < Faults.Loss)
        {
            Lost++;
            return 0;
        }

        if (!TryQueue(now, length, ref leaves))
        {
            Overflowed++;
            return 0;
        }

        if (damage < Faults.Corrupt)
            Damage(packet);
        leaves += Faults.Delay + (Faults.Jitter * late);
        if (leaves < latest)
            Reordered++;
        latest = leaves > latest ? leaves : latest;
        Longest = Math.Max(Longest, length);
        if (twice >= Faults.Duplicate)
            return 1;

        Duplicated++;
        return 2;
    }

    private bool TryQueue(TimeSpan now, int length, ref TimeSpan leaves)
    {
        if (Faults.BitsPerSecond == 0)
            return true;

        var start = freeAt > now ? freeAt : now;
        if (Faults.QueueBytes > 0 && start - now > TimeToSend(Faults.QueueBytes))
            return false;

        leaves = freeAt = start + TimeToSend(length);
        return true;
    }

    private TimeSpan TimeToSend(int bytes) => TimeSpan.FromSeconds(bytes * 8.0 / Faults.BitsPerSecond);

    private void Damage(IpPacket packet)
    {
        if (!packet.IsUdp || packet.Payload.IsEmpty)
            return;

        packet.Payload[random.Next(packet.Payload.Length)] ^= (byte)(1 << random.Next(8));
        packet.FixChecksums();
        Corrupted++;
    }
}
