using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>
/// Writes fields into a caller's buffer. A field that does not fit is not written, and <see cref="Overflowed"/> stays true from then on,
/// so a frame is written without checks and judged once at its end.
/// </summary>
/// <param name="destination">The buffer; borrowed.</param>
internal ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> buffer = destination;

    /// <summary>Bytes written so far.</summary>
    public int Position { get; private set; }

    /// <summary>True once a field did not fit.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Room left.</summary>
    public readonly int Remaining => buffer.Length - Position;

    /// <summary>The bytes written so far.</summary>
    public readonly Span<byte> Written => buffer[..Position];

    /// <summary>Writes one byte.</summary>
    public void WriteByte(byte value)
    {
        var field = Take(1);
        if (!field.IsEmpty)
            field[0] = value;
    }

    /// <summary>Writes a big-endian u16.</summary>
    public void WriteUInt16BigEndian(ushort value)
    {
        var field = Take(2);
        if (!field.IsEmpty)
            BinaryPrimitives.WriteUInt16BigEndian(field, value);
    }

    /// <summary>Writes a big-endian u32.</summary>
    public void WriteUInt32BigEndian(uint value)
    {
        var field = Take(4);
        if (!field.IsEmpty)
            BinaryPrimitives.WriteUInt32BigEndian(field, value);
    }

    /// <summary>Writes a big-endian u64.</summary>
    public void WriteUInt64BigEndian(ulong value)
    {
        var field = Take(8);
        if (!field.IsEmpty)
            BinaryPrimitives.WriteUInt64BigEndian(field, value);
    }

    /// <summary>Writes a little-endian u32.</summary>
    public void WriteUInt32LittleEndian(uint value)
    {
        var field = Take(4);
        if (!field.IsEmpty)
            BinaryPrimitives.WriteUInt32LittleEndian(field, value);
    }

    /// <summary>Writes a little-endian u64.</summary>
    public void WriteUInt64LittleEndian(ulong value)
    {
        var field = Take(8);
        if (!field.IsEmpty)
            BinaryPrimitives.WriteUInt64LittleEndian(field, value);
    }

    /// <summary>Writes a minimal uvarint; <paramref name="value"/> at most <see cref="Uvarint.ValueMax"/>.</summary>
    public void WriteUvarint(ulong value)
    {
        var field = Take(Uvarint.Length(value));
        if (!field.IsEmpty)
            Uvarint.Write(field, value);
    }

    /// <summary>Writes bytes.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> value)
    {
        if (!value.IsEmpty)
            value.TryCopyTo(Take(value.Length));
    }

    /// <summary>Bytes for the caller to fill; empty when they do not fit.</summary>
    internal Span<byte> Reserve(int count) => Take(count);

    private Span<byte> Take(int count)
    {
        if (Overflowed || count > Remaining)
        {
            Overflowed = true;
            return default;
        }

        var field = buffer.Slice(Position, count);
        Position += count;
        return field;
    }
}
