using System.Buffers.Binary;
using MsgNet.Messi;

namespace MsgNet.Core;

/// <summary>Headers of Messi frames, in both wire formats (<c>specs/messi.md</c> section 1). Pure functions.</summary>
public static class MessiFrame
{
    /// <summary>Room for the header of either format, in bytes.</summary>
    public const int HeaderLengthMax = DocumentedHeaderLength;

    private const int DocumentedHeaderLength = 8;
    private const int CompactHeaderLength = 4;

    /// <summary>Length of a header in bytes.</summary>
    public static int HeaderLength(MessiWireFormat format) =>
        format == MessiWireFormat.Documented ? DocumentedHeaderLength : CompactHeaderLength;

    /// <summary>The largest payload that the format can say and an end here may be told to take, in bytes.</summary>
    public static int PayloadMax(MessiWireFormat format) =>
        format == MessiWireFormat.Documented ? Limits.MessiMessageSizeMax : Limits.MessiCompactPayloadMax;

    /// <summary>The format of a client whose first byte this is: no type of the compact format is 0, and every documented type starts
    /// with 0.</summary>
    // MESSI-021
    public static MessiWireFormat FormatOf(byte first) => first == 0 ? MessiWireFormat.Documented : MessiWireFormat.Compact;

    /// <summary>The number on the wire of a kind of frame that <paramref name="sender"/> sends.</summary>
    /// <exception cref="ArgumentOutOfRangeException">This end sends no such frame: clients ping, servers answer, nobody sends
    /// <see cref="MessiFrameKind.Unknown"/>.</exception>
    public static uint TypeOf(MessiWireFormat format, MessiRole sender, MessiFrameKind kind) => (kind, sender) switch
    {
        // MESSI-002, MESSI-004
        (MessiFrameKind.User, MessiRole.Client) => 1,
        (MessiFrameKind.User, MessiRole.Server) => format == MessiWireFormat.Documented ? 1u : 2u,
        (MessiFrameKind.Ping, MessiRole.Client) => format == MessiWireFormat.Documented ? 2u : 3u,
        (MessiFrameKind.Pong, MessiRole.Server) => format == MessiWireFormat.Documented ? 3u : 4u,
        _ => throw new ArgumentOutOfRangeException(
            nameof(kind), kind, $"A {sender} sends no {kind}: clients send User and Ping, servers User and Pong."),
    };

    /// <summary>What a type that came from the wire means to <paramref name="receiver"/>.</summary>
    public static MessiFrameKind KindOf(MessiWireFormat format, MessiRole receiver, uint type)
    {
        var isServer = receiver == MessiRole.Server;
        if (format == MessiWireFormat.Documented)
        {
            return type switch
            {
                1 => MessiFrameKind.User,
                2 when isServer => MessiFrameKind.Ping,
                3 when !isServer => MessiFrameKind.Pong,
                _ => MessiFrameKind.Unknown,
            };
        }

        return type switch
        {
            1 when isServer => MessiFrameKind.User,
            2 when !isServer => MessiFrameKind.User,
            3 when isServer => MessiFrameKind.Ping,
            4 when !isServer => MessiFrameKind.Pong,
            _ => MessiFrameKind.Unknown,
        };
    }

    /// <summary>Writes a header and returns its length; the payload follows it.</summary>
    /// <param name="destination">Has room for <see cref="HeaderLength"/>.</param>
    /// <param name="format">The format of the connection.</param>
    /// <param name="sender">The end that sends.</param>
    /// <param name="kind">What is sent.</param>
    /// <param name="payloadLength">Bytes that follow: 0 to <see cref="PayloadMax"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">The payload is larger than the format allows, or this end sends no such
    /// frame.</exception>
    public static int WriteHeader(
        Span<byte> destination, MessiWireFormat format, MessiRole sender, MessiFrameKind kind, int payloadLength)
    {
        // MESSI-012: a size that does not fit would be cut, and everything after it misread.
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payloadLength, PayloadMax(format));
        var type = TypeOf(format, sender, kind);
        if (format == MessiWireFormat.Documented)
        {
            // MESSI-001
            BinaryPrimitives.WriteUInt32BigEndian(destination, type);
            BinaryPrimitives.WriteUInt32BigEndian(destination[4..], (uint)payloadLength);
            return DocumentedHeaderLength;
        }

        // MESSI-003
        BinaryPrimitives.WriteUInt32BigEndian(destination, (type << 24) | (uint)payloadLength);
        return CompactHeaderLength;
    }

    /// <summary>Reads a header.</summary>
    /// <param name="header">At least <see cref="HeaderLength"/> bytes.</param>
    /// <param name="format">The format of the connection.</param>
    /// <param name="type">The type.</param>
    /// <param name="payloadLength">Bytes that the header says follow.</param>
    internal static void ReadHeader(ReadOnlySpan<byte> header, MessiWireFormat format, out uint type, out uint payloadLength)
    {
        var first = BinaryPrimitives.ReadUInt32BigEndian(header);
        if (format == MessiWireFormat.Documented)
        {
            type = first;
            payloadLength = BinaryPrimitives.ReadUInt32BigEndian(header[4..]);
            return;
        }

        type = first >> 24;
        payloadLength = first & Limits.MessiCompactPayloadMax;
    }
}
