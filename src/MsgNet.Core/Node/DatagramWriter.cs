namespace MsgNet.Core;

/// <summary>The caller's buffer for one outgoing datagram: a machine fills it and says where it goes.</summary>
/// <param name="buffer">At least <see cref="Limits.DatagramSizeMax"/> bytes; borrowed for the call.</param>
public ref struct DatagramWriter(Span<byte> buffer)
{
    /// <summary>The whole buffer.</summary>
    public readonly Span<byte> Buffer { get; } = buffer;

    /// <summary>
    /// Bytes of the datagram that left before; 0 for none. One of nearly as many is padded to them where both can leave in one call.
    /// </summary>
    public int PreviousLength { get; init; }

    /// <summary>Takes the packets that the driver seals itself, later; null: they come sealed.</summary>
    public UnsealedPackets? Unsealed { get; init; }

    /// <summary>Where <see cref="Buffer"/> begins in the buffer that <see cref="Unsealed"/> speaks of.</summary>
    public int Start { get; init; }

    /// <summary>Bytes of the datagram, once written.</summary>
    public int Length { get; private set; }

    /// <summary>Where it goes and through which local port, once written.</summary>
    public NetAddress To { get; private set; }

    /// <summary>Whose it is, once written; null when it belongs to no peer.</summary>
    public PeerChannel? Peer { get; internal set; }

    /// <summary>The datagram, once written.</summary>
    public readonly ReadOnlySpan<byte> Datagram => Buffer[..Length];

    /// <summary>Ends the datagram: its first <paramref name="length"/> bytes go to <paramref name="to"/>.</summary>
    public void Complete(in NetAddress to, int length)
    {
        Invariant.Check(length > 0);
        Invariant.Check(length <= Buffer.Length);
        To = to;
        Length = length;
    }

    /// <summary>Has the frames behind the header sealed, now or by the driver; returns the packet's counter.</summary>
    internal readonly ulong Seal(ISealingKey key, int framesLength)
    {
        if (Unsealed is null)
            return key.Seal(Buffer, framesLength);

        var counter = key.Take();
        Unsealed.Add(key, counter, Start, framesLength);
        return counter;
    }
}
