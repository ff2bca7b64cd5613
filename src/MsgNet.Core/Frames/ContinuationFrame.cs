namespace MsgNet.Core;

/// <summary>CONTINUATION: a message by protocol number. Borrowed from the bytes it was read from.</summary>
internal readonly ref struct ContinuationFrame
{
    /// <summary>Bytes of <see cref="ProtocolInt"/>, with which a body begins.</summary>
    public const int NumberLength = sizeof(ushort);

    private ContinuationFrame(ushort protocolInt, ReadOnlySpan<byte> message, int messageOffset)
    {
        ProtocolInt = protocolInt;
        Message = message;
        MessageOffset = messageOffset;
    }

    /// <summary>The sender's number for the protocol, 1 to 65,535.</summary>
    public ushort ProtocolInt { get; }

    /// <summary>The message, possibly empty.</summary>
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>Where <see cref="Message"/> begins in the body.</summary>
    public int MessageOffset { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out ContinuationFrame frame)
    {
        var reader = new WireReader(body);
        // MP-003
        var valid = reader.TryReadUInt16BigEndian(out var protocolInt) && protocolInt != 0;
        frame = valid ? new ContinuationFrame(protocolInt, reader.Rest, body.Length - reader.Remaining) : default;
        return valid;
    }
}
