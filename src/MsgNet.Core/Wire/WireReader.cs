using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>
/// Reads fields off untrusted bytes: every method says whether the field was there, none throws, a failed read moves nothing.
/// </summary>
/// <param name="source">The bytes to read; borrowed.</param>
internal ref struct WireReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> rest = source;

    /// <summary>What has not been read yet.</summary>
    public readonly ReadOnlySpan<byte> Rest => rest;

    /// <summary>Bytes not read yet.</summary>
    public readonly int Remaining => rest.Length;

    /// <summary>True when everything has been read.</summary>
    public readonly bool IsEmpty => rest.IsEmpty;

    /// <summary>Reads one byte.</summary>
    public bool TryReadByte(out byte value)
    {
        if (rest.IsEmpty)
        {
            value = 0;
            return false;
        }

        value = rest[0];
        rest = rest[1..];
        return true;
    }

    /// <summary>Reads a big-endian u16.</summary>
    public bool TryReadUInt16BigEndian(out ushort value) => BinaryPrimitives.TryReadUInt16BigEndian(rest, out value) && Skip(2);

    /// <summary>Reads a big-endian u32.</summary>
    public bool TryReadUInt32BigEndian(out uint value) => BinaryPrimitives.TryReadUInt32BigEndian(rest, out value) && Skip(4);

    /// <summary>Reads a big-endian u64.</summary>
    public bool TryReadUInt64BigEndian(out ulong value) => BinaryPrimitives.TryReadUInt64BigEndian(rest, out value) && Skip(8);

    /// <summary>Reads a little-endian u16.</summary>
    public bool TryReadUInt16LittleEndian(out ushort value) => BinaryPrimitives.TryReadUInt16LittleEndian(rest, out value) && Skip(2);

    /// <summary>Reads a little-endian u32.</summary>
    public bool TryReadUInt32LittleEndian(out uint value) => BinaryPrimitives.TryReadUInt32LittleEndian(rest, out value) && Skip(4);

    /// <summary>Reads a little-endian u64.</summary>
    public bool TryReadUInt64LittleEndian(out ulong value) => BinaryPrimitives.TryReadUInt64LittleEndian(rest, out value) && Skip(8);

    /// <summary>Reads a minimal uvarint.</summary>
    public bool TryReadUvarint(out ulong value)
    {
        var length = Uvarint.Read(rest, out value);
        return length > 0 && Skip(length);
    }

    /// <summary>Reads <paramref name="count"/> bytes without copying.</summary>
    public bool TryReadBytes(int count, out ReadOnlySpan<byte> value)
    {
        if ((uint)count > (uint)rest.Length)
        {
            value = default;
            return false;
        }

        value = rest[..count];
        rest = rest[count..];
        return true;
    }

    private bool Skip(int count)
    {
        rest = rest[count..];
        return true;
    }
}
