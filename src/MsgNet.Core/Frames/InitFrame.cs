using System.Buffers;

namespace MsgNet.Core;

/// <summary>
/// INIT: a message that maps a protocol's name to the number that later CONTINUATIONs carry. Borrowed from the bytes it was read from.
/// </summary>
internal readonly ref struct InitFrame
{
    private static readonly SearchValues<byte> Printable =
        SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(code => (byte)code)]);

    private InitFrame(ushort transportId, ReadOnlySpan<byte> name, ushort protocolInt, ReadOnlySpan<byte> message, int messageOffset)
    {
        TransportId = transportId;
        Name = name;
        ProtocolInt = protocolInt;
        Message = message;
        MessageOffset = messageOffset;
    }

    /// <summary>What an ACK of this mapping names; 0 wants no ACK.</summary>
    public ushort TransportId { get; }

    /// <summary>The protocol's name: 1 to 140 printable ASCII characters.</summary>
    public ReadOnlySpan<byte> Name { get; }

    /// <summary>The sender's number for that name, 1 to 65,535.</summary>
    public ushort ProtocolInt { get; }

    /// <summary>The message, possibly empty.</summary>
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>Where <see cref="Message"/> begins in the body.</summary>
    public int MessageOffset { get; }

    /// <summary>True when <paramref name="name"/> can stand in an INIT: 1 to 140 bytes of 0x20 to 0x7E.</summary>
    public static bool IsName(ReadOnlySpan<byte> name) =>
        name.Length is >= 1 and <= Limits.ProtocolNameMax && !name.ContainsAnyExcept(Printable);

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out InitFrame frame)
    {
        frame = default;
        var reader = new WireReader(body);
        // MP-001, MP-032
        if (!reader.TryReadUInt16BigEndian(out var transportId)
            || !reader.TryReadUvarint(out var nameLength)
            || nameLength > Limits.ProtocolNameMax
            || !reader.TryReadBytes((int)nameLength, out var name)
            || !IsName(name)
            || !reader.TryReadUInt16BigEndian(out var protocolInt)
            || protocolInt == 0)
        {
            return false;
        }

        frame = new InitFrame(transportId, name, protocolInt, reader.Rest, body.Length - reader.Remaining);
        return true;
    }
}
