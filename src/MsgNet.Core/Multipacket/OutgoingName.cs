namespace MsgNet.Core;

/// <summary>
/// One protocol as this side sends it on one carrier: the number it goes by, and whether the peer knows it. See
/// <see cref="OutgoingNames"/>.
/// </summary>
internal sealed class OutgoingName
{
    private readonly byte[] asciiName;

    internal OutgoingName(ProtocolId protocol, byte[] asciiName, ushort protocolInt, ushort transportId)
    {
        Protocol = protocol;
        this.asciiName = asciiName;
        ProtocolInt = protocolInt;
        TransportId = transportId;
    }

    /// <summary>The protocol.</summary>
    public ProtocolId Protocol { get; }

    /// <summary>Its name as an INIT carries it.</summary>
    public ReadOnlySpan<byte> AsciiName => asciiName;

    /// <summary>Its number, 1 to 65,535; never used for another name.</summary>
    public ushort ProtocolInt { get; }

    /// <summary>What every INIT of this name carries on the current path, and an ACK repeats.</summary>
    public ushort TransportId { get; internal set; }

    /// <summary>True once the peer acknowledged the number: messages go as CONTINUATION. Until then each goes as INIT.</summary>
    public bool IsAcknowledged { get; internal set; }

    /// <summary>True once the peer refused: nothing more may be sent by this number, and the session that used it has ended.</summary>
    public bool IsReset { get; internal set; }
}
