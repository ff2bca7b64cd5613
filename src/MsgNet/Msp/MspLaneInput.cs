using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Finds messages in the bytes of a stream: each is its length as a uvarint and its bytes. Grows with what was received, up to one message.
/// </summary>
internal sealed class MspLaneInput(int messageSizeMax)
{
    private const int ReadMin = 4 * 1024;
    private byte[] bytes = [];
    private int start;
    private int end;
    private int left;

    /// <summary>What came is no message that may come.</summary>
    public bool IsBroken { get; private set; }

    /// <summary>The beginning of a message is here, but not its end.</summary>
    public bool IsCutShort => left == 0 && end > start;

    /// <summary>A message is whole and was not consumed.</summary>
    public bool HasMessage => left > 0;

    /// <summary>What is left of the oldest message.</summary>
    public ReadOnlySpan<byte> Message => bytes.AsSpan(start, left);

    /// <summary>Room for bytes to come; only while there is no message.</summary>
    public Memory<byte> Space()
    {
        Invariant.Check(!HasMessage);
        if (start > 0)
            bytes.AsSpan(start, end - start).CopyTo(bytes);
        end -= start;
        start = 0;
        if (end == bytes.Length)
            Array.Resize(ref bytes, Math.Max(ReadMin, 2 * bytes.Length));
        return bytes.AsMemory(end);
    }

    /// <summary>So many bytes have come.</summary>
    public void Add(int count)
    {
        end += count;
        Find();
    }

    /// <summary>Bytes of the message were consumed.</summary>
    public void Consume(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, left);
        start += count;
        left -= count;
        Find();
    }

    private void Find()
    {
        while (left == 0 && end > start && !IsBroken)
        {
            var head = Uvarint.Read(bytes.AsSpan(start, end - start), out var length);
            IsBroken = head == 0 ? end - start >= Uvarint.LengthMax || bytes[end - 1] < 0x80 : length > (ulong)messageSizeMax; // MSP-182
            if (IsBroken || head == 0 || (ulong)(end - start - head) < length)
                return;

            start += head;
            left = (int)length; // an empty one is none: it says that somebody is there
        }
    }
}
