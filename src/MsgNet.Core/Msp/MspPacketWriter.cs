namespace MsgNet.Core;

/// <summary>The caller's buffer for one outgoing packet: an <see cref="MspEndpoint"/> fills it and says where it goes.</summary>
/// <param name="buffer">At least <see cref="Limits.MspPacketMax"/> bytes; borrowed for the call.</param>
public ref struct MspPacketWriter(Span<byte> buffer)
{
    /// <summary>The whole buffer.</summary>
    public readonly Span<byte> Buffer { get; } = buffer;

    /// <summary>Bytes of the packet, once written.</summary>
    public int Length { get; private set; }

    /// <summary>From where and to where it goes, once written.</summary>
    public MspPair Pair { get; private set; }

    /// <summary>The packet, once written.</summary>
    public readonly ReadOnlySpan<byte> Packet => Buffer[..Length];

    internal void Complete(in MspPair pair, int length)
    {
        Pair = pair;
        Length = length;
    }
}
