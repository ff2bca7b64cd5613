namespace MsgNet.Core;

/// <summary>PATH_CHALLENGE or PATH_RESPONSE: 8 bytes that travel to an address and back.</summary>
internal readonly ref struct PathFrame
{
    private PathFrame(ulong token) => Token = token;

    /// <summary>The 8 bytes as a big-endian number; a response repeats those of its challenge.</summary>
    public ulong Token { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out PathFrame frame)
    {
        var reader = new WireReader(body);
        // MP-010
        var valid = reader.TryReadUInt64BigEndian(out var token) && reader.IsEmpty;
        frame = valid ? new PathFrame(token) : default;
        return valid;
    }
}
