namespace MsgNet.Core;

/// <summary>REPLY: the answer to the request with that id. Borrowed from the bytes it was read from.</summary>
internal readonly ref struct ReplyFrame
{
    private ReplyFrame(ulong id, ReplyStatus status, ReadOnlySpan<byte> message, int messageOffset)
    {
        Id = id;
        Status = status;
        Message = message;
        MessageOffset = messageOffset;
    }

    /// <summary>The id of the request, from 1.</summary>
    public ulong Id { get; }

    /// <summary>How it ended; possibly a byte that <see cref="ReplyStatus"/> does not name.</summary>
    public ReplyStatus Status { get; }

    /// <summary>The answer, possibly empty.</summary>
    public ReadOnlySpan<byte> Message { get; }

    /// <summary>Where <see cref="Message"/> begins in the body.</summary>
    public int MessageOffset { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out ReplyFrame frame)
    {
        var reader = new WireReader(body);
        // MP-006
        var valid = reader.TryReadUvarint(out var id) & id != 0 & reader.TryReadByte(out var status);
        frame = valid ? new ReplyFrame(id, (ReplyStatus)status, reader.Rest, body.Length - reader.Remaining) : default;
        return valid;
    }
}
