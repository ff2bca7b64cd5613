namespace MsgNet.Core;

/// <summary>How many bytes frames take: type and body, without the length before them unless <see cref="Listed"/> adds it.</summary>
internal static class FrameSize
{
    /// <summary>The largest frame of a message: what a reassembled FRAGMENT may be at most.</summary>
    public static int Max { get; } = Tagged(Uvarint.ValueMax, Init(Limits.ProtocolNameMax, Limits.UnreliableMessageMax));

    /// <summary>A frame of <paramref name="frameSize"/> bytes with its length before it.</summary>
    public static int Listed(int frameSize) => Uvarint.Length((ulong)frameSize) + frameSize;

    /// <summary>The largest frame that fits <paramref name="room"/> bytes together with its length; 0 when none does.</summary>
    public static int LargestListed(int room)
    {
        if (room < 2)
            return 0;

        // The length of the room takes at most one byte more than that of the frame.
        var frameSize = room - Uvarint.Length((ulong)room);
        return Listed(frameSize + 1) <= room ? frameSize + 1 : frameSize;
    }

    /// <summary>INIT.</summary>
    public static int Init(int nameLength, int messageLength) => 1 + 2 + Uvarint.Length((ulong)nameLength) + nameLength + 2 + messageLength;

    /// <summary>CONTINUATION.</summary>
    public static int Continuation(int messageLength) => 1 + 2 + messageLength;

    /// <summary>TAGGED around an inner frame of <paramref name="innerSize"/> bytes.</summary>
    public static int Tagged(ulong id, int innerSize) => 1 + 1 + Uvarint.Length(id) + innerSize;

    /// <summary>REPLY.</summary>
    public static int Reply(ulong id, int messageLength) => 1 + Uvarint.Length(id) + 1 + messageLength;

    /// <summary>FRAGMENT with a piece of <paramref name="length"/> bytes.</summary>
    public static int Fragment(ulong id, int length) => 1 + Uvarint.Length(id) + 1 + 1 + length;

    /// <summary>MSP.</summary>
    public static int Msp(ulong lane, int packetLength) => 1 + Uvarint.Length(lane) + packetLength;

    /// <summary>LANE_WINDOW.</summary>
    public static int LaneWindow(ulong lane) => 1 + Uvarint.Length(lane) + 2;

    /// <summary>CLOSE.</summary>
    public static int Close(int textLength) => 1 + 2 + textLength;
}
