namespace MsgNet.Core;

/// <summary>A frame in a list that this side wrote: its length stands before it.</summary>
/// <param name="Prefix">Bytes of that length.</param>
/// <param name="Length">Bytes of the frame.</param>
internal readonly record struct ListedFrame(int Prefix, int Length)
{
    /// <summary>Bytes of both.</summary>
    public int ListedLength => Prefix + Length;

    /// <summary>The first frame of a list.</summary>
    public static ListedFrame First(ReadOnlySpan<byte> list)
    {
        var prefix = Uvarint.Read(list, out var length);
        Invariant.Check(prefix > 0);
        return new ListedFrame(prefix, (int)length);
    }

    /// <summary>How many of the first frames fit, at most <paramref name="max"/>, and their bytes.</summary>
    public static (int Count, int Bytes) Fitting(ReadOnlySpan<byte> list, int room, int max)
    {
        var (count, bytes) = (0, 0);
        while (count < max)
        {
            var next = First(list[bytes..]).ListedLength;
            if (next > room - bytes)
                break;

            bytes += next;
            count++;
        }

        return (count, bytes);
    }

    /// <summary>The frame itself, at the start of the list.</summary>
    public ReadOnlySpan<byte> Bare(ReadOnlySpan<byte> list) => list.Slice(Prefix, Length);
}
