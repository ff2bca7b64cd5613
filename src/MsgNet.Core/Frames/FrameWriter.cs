namespace MsgNet.Core;

/// <summary>
/// Appends frames to a list: <c>uvarint length ‖ frame</c>. A frame that does not fit is not written at all and false is returned, so the
/// caller goes on to the next datagram or to FRAGMENT. Arguments that no frame can carry throw <see cref="ArgumentException"/>. Allocates
/// nothing.
/// </summary>
internal static class FrameWriter
{
    /// <summary>Appends a frame that was written before, such as one kept for repetition.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="frame">Type byte and body, at least one byte.</param>
    public static bool TryWriteFrame(ref WireWriter writer, ReadOnlySpan<byte> frame)
    {
        if (frame.IsEmpty)
            throw new ArgumentException("A frame has at least its type byte; an empty one would end the list.", nameof(frame));
        if (!TryBegin(ref writer, frame.Length))
            return false;

        writer.WriteBytes(frame);
        return true;
    }

    /// <summary>Appends an INIT; the arguments are those of <see cref="BareFrameWriter.TryWriteInit"/>.</summary>
    public static bool TryWriteInit(
        ref WireWriter writer, ushort transportId, ReadOnlySpan<byte> name, ushort protocolInt, ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckName(name);
        FrameArguments.CheckProtocolInt(protocolInt);
        return TryBegin(ref writer, FrameSize.Init(name.Length, message.Length))
            && BareFrameWriter.TryWriteInit(ref writer, transportId, name, protocolInt, message);
    }

    /// <summary>Appends an ACK.</summary>
    public static bool TryWriteAck(ref WireWriter writer, ushort transportId) => TryWriteFixed(ref writer, FrameType.Ack, transportId);

    /// <summary>Appends a CONTINUATION.</summary>
    public static bool TryWriteContinuation(ref WireWriter writer, ushort protocolInt, ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckProtocolInt(protocolInt);
        return TryBegin(ref writer, FrameSize.Continuation(message.Length))
            && BareFrameWriter.TryWriteContinuation(ref writer, protocolInt, message);
    }

    /// <summary>Appends a RESET.</summary>
    public static bool TryWriteReset(ref WireWriter writer, ushort protocolInt)
    {
        FrameArguments.CheckProtocolInt(protocolInt);
        return TryWriteFixed(ref writer, FrameType.Reset, protocolInt);
    }

    /// <summary>Appends a TAGGED around an INIT, written in place.</summary>
    public static bool TryWriteTaggedInit(
        ref WireWriter writer,
        TaggedKind kind,
        ulong id,
        ushort transportId,
        ReadOnlySpan<byte> name,
        ushort protocolInt,
        ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckKind(kind);
        FrameArguments.CheckId(id);
        FrameArguments.CheckName(name);
        FrameArguments.CheckProtocolInt(protocolInt);
        return TryBegin(ref writer, FrameSize.Tagged(id, FrameSize.Init(name.Length, message.Length)))
            && BareFrameWriter.TryWriteTaggedInit(ref writer, kind, id, transportId, name, protocolInt, message);
    }

    /// <summary>Appends a TAGGED around a CONTINUATION, written in place.</summary>
    public static bool TryWriteTaggedContinuation(
        ref WireWriter writer, TaggedKind kind, ulong id, ushort protocolInt, ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckKind(kind);
        FrameArguments.CheckId(id);
        FrameArguments.CheckProtocolInt(protocolInt);
        return TryBegin(ref writer, FrameSize.Tagged(id, FrameSize.Continuation(message.Length)))
            && BareFrameWriter.TryWriteTaggedContinuation(ref writer, kind, id, protocolInt, message);
    }

    /// <summary>Appends a REPLY.</summary>
    public static bool TryWriteReply(ref WireWriter writer, ulong id, ReplyStatus status, ReadOnlySpan<byte> message)
    {
        FrameArguments.CheckId(id);
        return TryBegin(ref writer, FrameSize.Reply(id, message.Length))
            && BareFrameWriter.TryWriteReply(ref writer, id, status, message);
    }

    /// <summary>Appends a FRAGMENT; <see cref="FragmentPlan"/> says how to cut.</summary>
    public static bool TryWriteFragment(ref WireWriter writer, ulong id, int index, int count, ReadOnlySpan<byte> bytes)
    {
        FrameArguments.CheckPiece(index, count, bytes);
        if (!TryBegin(ref writer, FrameSize.Fragment(id, bytes.Length)))
            return false;

        writer.WriteByte((byte)FrameType.Fragment);
        writer.WriteUvarint(id);
        writer.WriteByte((byte)index);
        writer.WriteByte((byte)count);
        writer.WriteBytes(bytes);
        return true;
    }

    /// <summary>
    /// Appends all of an MSP frame but its packet, when both fit; the caller then writes exactly <paramref name="packetLength"/> bytes.
    /// </summary>
    public static bool TryWriteMspHeader(ref WireWriter writer, ulong lane, int packetLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(packetLength);
        if (!TryBegin(ref writer, FrameSize.Msp(lane, packetLength)))
            return false;

        writer.WriteByte((byte)FrameType.Msp);
        writer.WriteUvarint(lane);
        return true;
    }

    /// <summary>Appends a LANE_WINDOW.</summary>
    public static bool TryWriteLaneWindow(ref WireWriter writer, ulong lane, ushort window)
    {
        if (!TryBegin(ref writer, FrameSize.LaneWindow(lane)))
            return false;

        writer.WriteByte((byte)FrameType.LaneWindow);
        writer.WriteUvarint(lane);
        writer.WriteUInt16BigEndian(window);
        return true;
    }

    /// <summary>Appends a PATH_CHALLENGE.</summary>
    public static bool TryWritePathChallenge(ref WireWriter writer, ulong token) =>
        TryWriteFixed(ref writer, FrameType.PathChallenge, token);

    /// <summary>Appends a PATH_RESPONSE.</summary>
    public static bool TryWritePathResponse(ref WireWriter writer, ulong token) =>
        TryWriteFixed(ref writer, FrameType.PathResponse, token);

    /// <summary>Appends an OBSERVED.</summary>
    public static bool TryWriteObserved(ref WireWriter writer, in NetAddress address)
    {
        if (!TryBegin(ref writer, 1 + NetAddress.WireLength))
            return false;

        writer.WriteByte((byte)FrameType.Observed);
        writer.WriteUInt64BigEndian(address.High);
        writer.WriteUInt64BigEndian(address.Low);
        writer.WriteUInt16BigEndian(address.Port);
        return true;
    }

    /// <summary>Appends a CLOSE; <paramref name="text"/> is UTF-8 of at most 64 bytes.</summary>
    public static bool TryWriteClose(ref WireWriter writer, CloseCode code, ReadOnlySpan<byte> text)
    {
        FrameArguments.CheckText(text);
        if (!TryBegin(ref writer, FrameSize.Close(text.Length)))
            return false;

        writer.WriteByte((byte)FrameType.Close);
        writer.WriteUInt16BigEndian((ushort)code);
        writer.WriteBytes(text);
        return true;
    }

    /// <summary>Appends an ASSOCIATION.</summary>
    public static bool TryWriteAssociation(ref WireWriter writer, ulong incarnation) =>
        TryWriteFixed(ref writer, FrameType.Association, incarnation);

    // The length, if the whole frame fits behind it.
    private static bool TryBegin(ref WireWriter writer, int frameSize)
    {
        if (!BareFrameWriter.Fits(writer, FrameSize.Listed(frameSize)))
            return false;

        writer.WriteUvarint((ulong)frameSize);
        return true;
    }

    private static bool TryWriteFixed(ref WireWriter writer, FrameType type, ushort value)
    {
        if (!TryBegin(ref writer, 1 + sizeof(ushort)))
            return false;

        writer.WriteByte((byte)type);
        writer.WriteUInt16BigEndian(value);
        return true;
    }

    private static bool TryWriteFixed(ref WireWriter writer, FrameType type, ulong value)
    {
        if (!TryBegin(ref writer, 1 + sizeof(ulong)))
            return false;

        writer.WriteByte((byte)type);
        writer.WriteUInt64BigEndian(value);
        return true;
    }
}
