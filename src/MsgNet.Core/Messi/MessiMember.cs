using System.Numerics;

namespace MsgNet.Core;

/// <summary>
/// The outside of a Messi message: the one member of <c>oneof messages</c> that is set. Writing it ahead of the member's own bytes gives
/// what Protocol Buffers would write for <c>ClientToServer</c> or <c>ServerToClient</c>, without making such an object. Pure functions.
/// </summary>
public static class MessiMember
{
    /// <summary>Room for the longest <see cref="WriteHeader"/>, in bytes: two varints of 32 bits.</summary>
    public const int HeaderLengthMax = 10;

    /// <summary>Largest number of a field in Protocol Buffers.</summary>
    public const int FieldNumberMax = (1 << 29) - 1;

    /// <summary>Bytes that <see cref="WriteHeader"/> writes.</summary>
    /// <param name="fieldNumber">Number of the member, 1 to <see cref="FieldNumberMax"/>.</param>
    /// <param name="length">Length of the member's own bytes, at least 0.</param>
    public static int HeaderLength(int fieldNumber, int length)
    {
        Check(fieldNumber, length);
        return VarintLength(Tag(fieldNumber)) + VarintLength((uint)length);
    }

    /// <summary>Writes tag and length of a member, which its own bytes follow; returns how many bytes that took.</summary>
    /// <param name="destination">Has room for <see cref="HeaderLength"/>.</param>
    /// <param name="fieldNumber">Number of the member, 1 to <see cref="FieldNumberMax"/>.</param>
    /// <param name="length">Length of the member's own bytes, at least 0. An empty member is written, too.</param>
    public static int WriteHeader(Span<byte> destination, int fieldNumber, int length)
    {
        Check(fieldNumber, length);
        // MESSI-071
        var written = WriteVarint(destination, Tag(fieldNumber));
        return written + WriteVarint(destination[written..], (uint)length);
    }

    private static uint Tag(int fieldNumber) => ((uint)fieldNumber << 3) | 2;

    private static int VarintLength(uint value) => (BitOperations.Log2(value | 1) / 7) + 1;

    private static int WriteVarint(Span<byte> destination, uint value)
    {
        var length = 0;
        for (; value >= 0x80; value >>= 7)
            destination[length++] = (byte)(value | 0x80);
        destination[length++] = (byte)value;
        return length;
    }

    private static void Check(int fieldNumber, int length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(fieldNumber, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(fieldNumber, FieldNumberMax);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
    }
}
