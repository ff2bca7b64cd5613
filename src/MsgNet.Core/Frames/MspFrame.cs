namespace MsgNet.Core;

/// <summary>MSP: one packet of a lane, Serval's own bytes. Borrowed from the bytes it was read from.</summary>
internal readonly ref struct MspFrame
{
    private MspFrame(ulong lane, ReadOnlySpan<byte> packet, int packetOffset)
    {
        Lane = lane;
        Packet = packet;
        PacketOffset = packetOffset;
    }

    /// <summary>The lane: <c>number &lt;&lt; 2 | unordered &lt;&lt; 1 | side</c>.</summary>
    public ulong Lane { get; }

    /// <summary>The MSP packet, not yet read.</summary>
    public ReadOnlySpan<byte> Packet { get; }

    /// <summary>Where <see cref="Packet"/> begins in the body.</summary>
    public int PacketOffset { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out MspFrame frame)
    {
        var reader = new WireReader(body);
        // MP-008
        var valid = reader.TryReadUvarint(out var lane);
        frame = valid ? new MspFrame(lane, reader.Rest, body.Length - reader.Remaining) : default;
        return valid;
    }
}
