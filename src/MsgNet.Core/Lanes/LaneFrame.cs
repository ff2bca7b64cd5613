using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>What a whole frame on a lane says, in offsets into it; the bytes stay where they are.</summary>
/// <param name="IsReply">It is a REPLY; otherwise a message.</param>
/// <param name="Id">The id of a REPLY or TAGGED; 0 when there is none.</param>
/// <param name="IsRequest">A REPLY is wanted.</param>
/// <param name="Status">Of a REPLY.</param>
/// <param name="Offset">Where the message begins.</param>
internal readonly record struct LaneFrame(bool IsReply, ulong Id, bool IsRequest, ReplyStatus Status, int Offset)
{
    /// <summary>The one number a protocol has on a lane.</summary>
    public const ushort ProtocolInt = 1;

    /// <summary>What the INIT of a message lane says in its place for a transport: there is none to choose, and no ACK is wanted.</summary>
    public const ushort MessagesTransport = 0;

    /// <summary>What that of a stream lane says there.</summary>
    public const ushort StreamTransport = 1;

    /// <summary>Most bytes around a message: TAGGED and INIT with the longest name.</summary>
    public const int OverheadMax = 2 + Uvarint.LengthMax + 1 + 2 + 2 + Limits.ProtocolNameMax + 2;

    // CONTINUATION and its protocol.
    private const int PlainLength = 1 + sizeof(ushort);

    /// <summary>Reads a frame from its type byte to its end; false when it may not stand there (LANE-011, LANE-041, LANE-042).</summary>
    /// <param name="frame">The frame; of the first on a lane, at least all up to its message.</param>
    /// <param name="place">Where it stands.</param>
    /// <param name="found">What it says.</param>
    /// <param name="name">The protocol that an INIT names; empty otherwise.</param>
    public static bool TryRead(ReadOnlySpan<byte> frame, LanePlace place, out LaneFrame found, out ReadOnlySpan<byte> name)
    {
        found = default;
        name = default;
        if (frame.IsEmpty)
            return false;

        var body = frame[1..];
        switch ((FrameType)frame[0])
        {
            case FrameType.Init when place is LanePlace.First or LanePlace.FirstOfStream:
                return TryReadInit(body, 1, default, place, out found, out name);
            case FrameType.Continuation when place is LanePlace.Messages or LanePlace.Stream:
                return TryReadContinuation(body, 1, default, out found);
            case FrameType.Tagged when place is LanePlace.First or LanePlace.Messages:
                return TryReadTagged(body, place, out found, out name);
            case FrameType.Reply when place == LanePlace.Replies:
                var valid = ReplyFrame.TryParse(body, out var reply);
                found = new LaneFrame(true, reply.Id, false, reply.Status, 1 + reply.MessageOffset);
                return valid;
            default:
                return false;
        }
    }

    /// <summary>Reads a message that names no protocol and is no request, as nearly all of them do; false for any other frame.</summary>
    public static bool TryReadPlain(ReadOnlySpan<byte> frame, out ReadOnlySpan<byte> message)
    {
        // LANE-012
        var isPlain = frame.Length >= PlainLength
            && (FrameType)frame[0] == FrameType.Continuation
            && BinaryPrimitives.ReadUInt16BigEndian(frame[1..]) == ProtocolInt;
        message = isPlain ? frame[PlainLength..] : default;
        return isPlain;
    }

    private static bool TryReadTagged(ReadOnlySpan<byte> body, LanePlace place, out LaneFrame found, out ReadOnlySpan<byte> name)
    {
        found = default;
        name = default;
        if (!TaggedFrame.TryParse(body, out var tagged))
            return false;

        var start = 2 + tagged.InnerOffset;
        return tagged.InnerType == FrameType.Init
            ? place == LanePlace.First && TryReadInit(tagged.InnerBody, start, tagged, place, out found, out name)
            : place == LanePlace.Messages && TryReadContinuation(tagged.InnerBody, start, tagged, out found);
    }

    private static bool TryReadInit(
        ReadOnlySpan<byte> body, int start, TaggedFrame tagged, LanePlace place, out LaneFrame found, out ReadOnlySpan<byte> name)
    {
        // LANE-011
        var transport = place == LanePlace.FirstOfStream ? StreamTransport : MessagesTransport;
        var valid = InitFrame.TryParse(body, out var init) && init.TransportId == transport && init.ProtocolInt == ProtocolInt;
        found = Message(tagged, start + init.MessageOffset);
        name = init.Name;
        return valid;
    }

    private static bool TryReadContinuation(ReadOnlySpan<byte> body, int start, TaggedFrame tagged, out LaneFrame found)
    {
        found = Message(tagged, start + sizeof(ushort));
        // LANE-012
        return BinaryPrimitives.TryReadUInt16BigEndian(body, out var protocolInt) && protocolInt == ProtocolInt;
    }

    private static LaneFrame Message(TaggedFrame tagged, int offset) =>
        new(false, tagged.Id, tagged.Kind == TaggedKind.Request, ReplyStatus.Ok, offset);
}
