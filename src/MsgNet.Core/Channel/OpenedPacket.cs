namespace MsgNet.Core;

/// <summary>What opening a datagram ahead of the machine gave; the default of one that the machine is to open itself.</summary>
public struct OpenedPacket
{
    private int framesLength;

    internal OpenedPacket(IOpeningKey? key) => Key = key;

    /// <summary>The machine knew a key for it.</summary>
    public readonly bool HasKey => Key is not null;

    /// <summary>The key it was tried with; null when the machine knew none.</summary>
    internal readonly IOpeningKey? Key { get; }

    /// <summary>True when it opened.</summary>
    internal bool IsAuthentic { readonly get; private set; }

    /// <summary>Bytes of frames; 0 when it did not open.</summary>
    internal readonly int FramesLength => framesLength;

    internal void Open(Span<byte> datagram)
    {
        if (Key is not null)
            IsAuthentic = Key.TryOpenLent(datagram, out _, out framesLength);
    }
}
