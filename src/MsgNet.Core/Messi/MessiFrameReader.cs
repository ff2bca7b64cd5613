using MsgNet.Messi;

namespace MsgNet.Core;

/// <summary>
/// Reads the frames of one connection, from whatever pieces they arrive in. Make a new one for each connection. It never throws on what
/// the network sent, and holds no bytes: an unfinished user message stays in the caller's buffer, and what nobody reads (payloads of
/// pings, pongs and unknown frames) is skipped as it comes. Not thread-safe.
/// </summary>
public struct MessiFrameReader
{
    private readonly MessiWireFormat format;
    private readonly MessiRole receiver;
    private readonly int payloadMax;

    private MessiFrameKind skipKind;
    private bool isSkipping;
    private uint skip;

    /// <summary>A reader for one connection.</summary>
    /// <param name="format">The format that the connection speaks.</param>
    /// <param name="receiver">The end that reads.</param>
    /// <param name="payloadMax">Largest payload that it takes, in bytes: 1 to <see cref="Limits.MessiMessageSizeMax"/>.</param>
    public MessiFrameReader(MessiWireFormat format, MessiRole receiver, int payloadMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(payloadMax, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadMax, Limits.MessiMessageSizeMax);
        this.format = format;
        this.receiver = receiver;
        this.payloadMax = payloadMax;
    }

    /// <summary>
    /// After <see cref="MessiReadStatus.NeedMore"/>: how many bytes, counted from where the input then starts, the next step takes; at
    /// most a header and the largest payload. It is what the peer claims: let the buffer grow with what arrives, not with this.
    /// </summary>
    public int Needed { get; private set; }

    /// <summary>Type of the last header that was read, for logs.</summary>
    public uint LastType { get; private set; }

    /// <summary>Payload length that the last header claimed, in bytes, for logs.</summary>
    public uint LastPayloadLength { get; private set; }

    /// <summary>Reads the next frame and moves <paramref name="input"/> behind it.</summary>
    /// <param name="input">Bytes that came and were not read yet. After <see cref="MessiReadStatus.NeedMore"/> keep what is left of them,
    /// and bring them again with more behind.</param>
    /// <param name="kind">What the frame means, with <see cref="MessiReadStatus.Frame"/>.</param>
    /// <param name="payload">The bytes of a user message, within the input; empty for all others.</param>
    /// <returns>What was found. <see cref="MessiReadStatus.TooBig"/> and <see cref="MessiReadStatus.Unexpected"/> are final: nothing is
    /// consumed, and another call says the same.</returns>
    public MessiReadStatus Read(ref ReadOnlySpan<byte> input, out MessiFrameKind kind, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (isSkipping)
            return Skip(ref input, out kind);

        kind = MessiFrameKind.Unknown;
        // MESSI-005
        var headerLength = MessiFrame.HeaderLength(format);
        if (input.Length < headerLength)
            return NeedMore(headerLength);

        MessiFrame.ReadHeader(input, format, out var type, out var length);
        LastType = type;
        LastPayloadLength = length;
        kind = MessiFrame.KindOf(format, receiver, type);
        // MESSI-014
        if (kind == MessiFrameKind.Unknown && receiver == MessiRole.Server)
            return MessiReadStatus.Unexpected;
        // MESSI-011: as soon as the header is here, whatever the type.
        if (length > (uint)payloadMax)
            return MessiReadStatus.TooBig;
        if (kind == MessiFrameKind.User)
            return ReadUser(ref input, headerLength, (int)length, out payload);

        // MESSI-013, MESSI-015
        input = input[headerLength..];
        isSkipping = true;
        skip = length;
        skipKind = kind;
        return Skip(ref input, out kind);
    }

    private MessiReadStatus ReadUser(ref ReadOnlySpan<byte> input, int headerLength, int length, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        if (input.Length - headerLength < length)
            return NeedMore(headerLength + length);

        payload = input.Slice(headerLength, length);
        input = input[(headerLength + length)..];
        return MessiReadStatus.Frame;
    }

    private MessiReadStatus Skip(ref ReadOnlySpan<byte> input, out MessiFrameKind kind)
    {
        kind = skipKind;
        var length = (int)Math.Min(skip, (uint)input.Length);
        input = input[length..];
        skip -= (uint)length;
        if (skip > 0)
            return NeedMore(1);

        isSkipping = false;
        return MessiReadStatus.Frame;
    }

    private MessiReadStatus NeedMore(int length)
    {
        Needed = length;
        return MessiReadStatus.NeedMore;
    }
}
