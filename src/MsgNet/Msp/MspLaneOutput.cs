using MsgNet.Core;

namespace MsgNet;

/// <summary>Messages on their way into a stream: those that wait, and those that are being written.</summary>
internal sealed class MspLaneOutput
{
    private byte[] waiting = [];
    private byte[] flying = [];
    private int length;
    private int refused;

    /// <summary>Messages wait.</summary>
    public bool HasWaiting => length > 0;

    /// <summary>There is room: for what was refused last, if that was not accepted since.</summary>
    public bool HasRoom => HasRoomFor(refused);

    /// <summary>Accepts a message, or an empty one, which says that somebody is here.</summary>
    public bool TryAdd(ReadOnlySpan<byte> message)
    {
        if (!HasRoomFor(message.Length))
        {
            refused = message.Length;
            return false;
        }

        refused = 0;
        var head = Uvarint.Length((ulong)message.Length);
        if (waiting.Length < length + head + message.Length)
            Array.Resize(ref waiting, Math.Max(2 * waiting.Length, length + head + message.Length));
        Uvarint.Write(waiting.AsSpan(length), (ulong)message.Length); // MSP-181
        message.CopyTo(waiting.AsSpan(length + head));
        length += head + message.Length;
        return true;
    }

    /// <summary>All that waits, to be written; borrowed until the next call.</summary>
    public ReadOnlyMemory<byte> Take()
    {
        (waiting, flying) = (flying, waiting);
        var taken = flying.AsMemory(0, length);
        length = 0;
        return taken;
    }

    private bool HasRoomFor(int size) => length == 0 || length + Uvarint.LengthMax + size <= Limits.MspLaneBufferBytes;
}
