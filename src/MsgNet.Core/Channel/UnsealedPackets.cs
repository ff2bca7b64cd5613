using System.Runtime.InteropServices;

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

    /// <summary>
    /// Seals all of them, in place and in the order they were added, and gives back their keys. When it throws, none is left: no counter
    /// is used for a second time.
    /// </summary>
    /// <param name="buffer">What holds them.</param>
    /// <exception cref="InsufficientMemoryException">A library has no memory left for a key.</exception>
    public void Seal(Span<byte> buffer)
    {
        try
        {
            foreach (ref readonly var packet in CollectionsMarshal.AsSpan(packets))
                packet.Seal(buffer);
        }
        finally
        {
            Discard();
        }
    }

    /// <summary>Forgets those that are not sealed, and gives back their keys: they are lost.</summary>
    public void Discard()
    {
        ISealingKey? given = null;
        foreach (ref readonly var packet in CollectionsMarshal.AsSpan(packets))
        {
            if (packet.Key != given)
                packet.Key.Return();
            given = packet.Key;
        }

        packets.Clear();
    }

    // Packets of one key that follow each other borrow it once.
    internal void Add(ISealingKey key, ulong counter, int start, int framesLength)
    {
        if (packets.Count == 0 || packets[^1].Key != key)
            key.Lend();
        packets.Add(new Packet(key, counter, start, framesLength));
    }

    private readonly record struct Packet(ISealingKey Key, ulong Counter, int Start, int FramesLength)
    {
        public void Seal(Span<byte> buffer) =>
            Key.Seal(buffer.Slice(Start, FramesLength + Limits.SealOverhead), FramesLength, Counter);
    }
}
