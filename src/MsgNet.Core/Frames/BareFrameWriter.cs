namespace MsgNet.Core;

/// <summary>
/// Writes frames without the length that stands before them in a list: what FRAGMENT cuts and what a plain socket carries.
/// A frame that does not fit is not written at all and false is returned; the sizes are those of <see cref="FrameSize"/>.
/// Arguments that no frame can carry throw <see cref="ArgumentException"/>. Allocates nothing.
/// </summary>
// MP-030
internal static class BareFrameWriter
{
    /// <summary>Writes an INIT.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="transportId">What an ACK shall name; 0 wants none.</param>
    /// <param name="name">The protocol's name, 1 to 140 printable ASCII characters.</param>
    /// <param name="protocolInt">Its number, 1 to 65,535.</param>
    /// <param name="message">The message.</param>
    public static bool TryWriteInit(
        ref WireWriter writer, ushort transportId, ReadOnlySpan<byte> name, ushort protocolInt, ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckName(name);
        FrameArguments.CheckProtocolInt(protocolInt);
        if (!Fits(writer, FrameSize.Init(name.Length, message.Length)))
            return false;

        writer.WriteByte((byte)FrameType.Init);
        writer.WriteUInt16BigEndian(transportId);
        writer.WriteUvarint((ulong)name.Length);
        writer.WriteBytes(name);
        writer.WriteUInt16BigEndian(protocolInt);
        writer.WriteBytes(message);
        return true;
    }

    /// <summary>Writes a CONTINUATION.</summary>
    public static bool TryWriteContinuation(ref WireWriter writer, ushort protocolInt, ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckProtocolInt(protocolInt);
        if (!Fits(writer, FrameSize.Continuation(message.Length)))
            return false;

        writer.WriteByte((byte)FrameType.Continuation);
        writer.WriteUInt16BigEndian(protocolInt);
        writer.WriteBytes(message);
        return true;
    }

    /// <summary>Writes a TAGGED around an INIT; see <see cref="TryWriteInit"/>.</summary>
    public static bool TryWriteTaggedInit(
        ref WireWriter writer,
        TaggedKind kind,
        ulong id,
        ushort transportId,
        ReadOnlySpan<byte> name,
        ushort protocolInt,
        ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckName(name);
        FrameArguments.CheckProtocolInt(protocolInt);
        return TryWriteTaggedHeader(ref writer, kind, id, FrameSize.Init(name.Length, message.Length))
            && TryWriteInit(ref writer, transportId, name, protocolInt, message);
    }

    /// <summary>Writes a TAGGED around a CONTINUATION.</summary>
    public static bool TryWriteTaggedContinuation(
        ref WireWriter writer, TaggedKind kind, ulong id, ushort protocolInt, ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckProtocolInt(protocolInt);
        return TryWriteTaggedHeader(ref writer, kind, id, FrameSize.Continuation(message.Length))
            && TryWriteContinuation(ref writer, protocolInt, message);
    }

    /// <summary>Writes a REPLY.</summary>
    public static bool TryWriteReply(ref WireWriter writer, ulong id, ReplyStatus status, ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckId(id);
        if (!Fits(writer, FrameSize.Reply(id, message.Length)))
            return false;

        writer.WriteByte((byte)FrameType.Reply);
        writer.WriteUvarint(id);
        writer.WriteByte((byte)status);
        writer.WriteBytes(message);
        return true;
    }

    internal static bool Fits(in WireWriter writer, int size) => !writer.Overflowed && size <= writer.Remaining;

    private static bool TryWriteTaggedHeader(ref WireWriter writer, TaggedKind kind, ulong id, int innerSize)
    {
        FrameArguments.CheckKind(kind);
        FrameArguments.CheckId(id);
        if (!Fits(writer, FrameSize.Tagged(id, innerSize)))
            return false;

        writer.WriteByte((byte)FrameType.Tagged);
        writer.WriteByte((byte)kind);
        writer.WriteUvarint(id);
        return true;
    }
}
