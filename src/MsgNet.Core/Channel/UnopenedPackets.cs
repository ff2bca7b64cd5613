namespace MsgNet.Core;

/// <summary>
/// Datagrams that came together, with the keys that a machine found for them under its driver's lock: the driver opens them outside of it,
/// and the machine takes them then. A key that is disposed in between lives until its packets are opened.
/// </summary>
/// <remarks>One thread at a time; allocates only when more come together than ever before.</remarks>
public sealed class UnopenedPackets
{
    private OpenedPacket[] packets = new OpenedPacket[64];
    private int opened;

    /// <summary>How many datagrams there are, with or without a key.</summary>
    public int Count { get; private set; }

    /// <summary>What is known of the datagram that was looked up as number <paramref name="index"/>, from 0.</summary>
    public ref readonly OpenedPacket this[int index] => ref packets[index];

    /// <summary>
    /// Opens the next datagram in place, in the order in which they were looked up; one without a key stays as it is.
    /// </summary>
    /// <param name="datagram">The datagram that was looked up.</param>
    /// <exception cref="InsufficientMemoryException">A library has no memory left for a key.</exception>
    public void OpenNext(Span<byte> datagram)
    {
        ref var packet = ref packets[opened];
        packet.Open(datagram);
        opened++;
        GiveBack(packet.Key);
    }

    /// <summary>Forgets all of them, and gives back the keys of those that are not opened.</summary>
    public void Clear()
    {
        while (opened < Count)
            GiveBack(packets[opened++].Key);
        packets.AsSpan(0, Count).Clear();
        Count = 0;
        opened = 0;
    }

    // Packets of one key that follow each other borrow it once.
    internal void Add(IOpeningKey? key)
    {
        if (key is not null && (Count == 0 || packets[Count - 1].Key != key))
            key.Lend();
        if (Count == packets.Length)
            Array.Resize(ref packets, Count * 2);
        packets[Count++] = new OpenedPacket(key);
    }

    // The key of the one that was opened last, or given up.
    private void GiveBack(IOpeningKey? key)
    {
        if (key is not null && (opened == Count || packets[opened].Key != key))
            key.Return();
    }
}
