using System.Runtime.CompilerServices;

namespace MsgNet.Core;

/// <summary>Unsigned LEB128 as libp2p and MsgNet use it: minimal, at most 9 bytes, so at most 63 bits.</summary>
public static class Uvarint
{
    /// <summary>Most bytes one number takes.</summary>
    public const int LengthMax = 9;

    /// <summary>The largest number that can be written.</summary>
    public const ulong ValueMax = (1UL << 63) - 1;

    /// <summary>Bytes that <paramref name="value"/> takes, 1 to 9.</summary>
    public static int Length(ulong value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(value, ValueMax);
        return Math.Max(1, (70 - System.Numerics.BitOperations.LeadingZeroCount(value)) / 7);
    }

    /// <summary>
    /// Writes <paramref name="value"/>; returns the bytes written, or 0 when <paramref name="destination"/> is too short.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // as Read
    public static int Write(Span<byte> destination, ulong value)
    {
        if (value >= 0x80 || destination.IsEmpty)
            return WriteLong(destination, value);

        destination[0] = (byte)value;
        return 1;
    }

    /// <summary>Reads one number; returns the bytes read, or 0 when it is truncated, too long or not minimal.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)] // nearly all have one byte
    public static int Read(ReadOnlySpan<byte> source, out ulong value)
    {
        if (source.IsEmpty || source[0] >= 0x80)
            return ReadLong(source, out value);

        value = source[0];
        return 1;
    }

    private static int WriteLong(Span<byte> destination, ulong value)
    {
        var length = Length(value);
        if (destination.Length < length)
            return 0;

        for (var i = 0; i < length - 1; i++)
        {
            destination[i] = (byte)(value | 0x80);
            value >>= 7;
        }

        destination[length - 1] = (byte)value;
        return length;
    }

    private static int ReadLong(ReadOnlySpan<byte> source, out ulong value)
    {
        value = 0;
        var end = Math.Min(source.Length, LengthMax);
        for (var i = 0; i < end; i++)
        {
            value |= (ulong)(source[i] & 0x7F) << (7 * i);
            if (source[i] < 0x80)
                return i > 0 && source[i] == 0 ? Fail(out value) : i + 1;
        }

        return Fail(out value);
    }

    private static int Fail(out ulong value)
    {
        value = 0;
        return 0;
    }
}
