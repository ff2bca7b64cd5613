using MsgNet.Messi;

namespace MsgNet.Core.Tests.Messi;

/// <summary>A receive buffer as a driver has it, with a reader: it keeps what the reader left, and nothing more than it may.</summary>
internal sealed class MessiReading(MessiWireFormat format, MessiRole receiver, int payloadMax)
{
    private readonly int roomMax = MessiFrame.HeaderLength(format) + payloadMax;
    private MessiFrameReader reader = new(format, receiver, payloadMax);
    private byte[] kept = [];

    public List<(MessiFrameKind Kind, byte[] Payload)> Frames { get; } = [];

    public MessiReadStatus Last { get; private set; } = MessiReadStatus.NeedMore;

    public int Needed => reader.Needed;

    public uint LastType => reader.LastType;

    public uint LastPayloadLength => reader.LastPayloadLength;

    /// <summary>Reads as many frames as there are; false when the connection has to be closed.</summary>
    public bool Receive(ReadOnlySpan<byte> bytes)
    {
        byte[] all = [.. kept, .. bytes];
        ReadOnlySpan<byte> input = all;
        while ((Last = reader.Read(ref input, out var kind, out var payload)) == MessiReadStatus.Frame)
        {
            Assert.True(kind == MessiFrameKind.User || payload.IsEmpty);
            Frames.Add((kind, payload.ToArray()));
        }

        if (Last != MessiReadStatus.NeedMore)
            return false;

        Assert.InRange(reader.Needed, input.Length + 1, roomMax);
        kept = input.ToArray();
        return true;
    }

    public bool ReceiveInPieces(ReadOnlySpan<byte> bytes, int pieceLength)
    {
        while (!bytes.IsEmpty)
        {
            var length = Math.Min(pieceLength, bytes.Length);
            if (!Receive(bytes[..length]))
                return false;
            bytes = bytes[length..];
        }

        return true;
    }
}
