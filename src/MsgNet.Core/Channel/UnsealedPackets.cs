namespace MsgNet.Core;

/// <summary>
/// The packets in a buffer that have their numbers and are not sealed yet: a machine packs under its driver's lock, and the driver seals
/// outside of it. A key that is disposed in between lives until its packets are sealed.
/// </summary>
/// <remarks>One thread at a time; nothing is allocated after the first packets.</remarks>
public sealed class UnsealedPackets
{
    private readonly List<Packet> packets = [];

    /// <summary>How many there are.</summary>
    public int Count => packets.Count;

    /// <summary>Seals all of them, in place and in the order they were added, and gives back their keys.</summary>
    /// <param name="buffer">What holds them.</param>
    public void Seal(Span<byte> buffer)
    {
        ISealingKey? lent = null;
        foreach (ref readonly var packet in System.Runtime.InteropServices.CollectionsMarshal.AsSpan(packets))
        {
            if (packet.Key != lent)
                lent?.Return();
            lent = packet.Key;
            lent.Seal(buffer.Slice(packet.Start, packet.FramesLength + Limits.SealOverhead), packet.FramesLength, packet.Counter);
        }

        lent?.Return();
        packets.Clear();
    }

    // Packets of one key that follow each other borrow it once.
    internal void Add(ISealingKey key, ulong counter, int start, int framesLength)
    {
        if (packets.Count == 0 || packets[^1].Key != key)
            key.Lend();
        packets.Add(new Packet(key, counter, start, framesLength));
    }

    private readonly record struct Packet(ISealingKey Key, ulong Counter, int Start, int FramesLength);
}
