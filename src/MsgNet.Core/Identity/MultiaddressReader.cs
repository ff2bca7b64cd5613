using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// Walks the components of a binary multiaddress without copying. Checks lengths and codes; the value itself is judged elsewhere.
/// </summary>
/// <param name="address">The bytes; borrowed.</param>
internal ref struct MultiaddressReader(ReadOnlySpan<byte> address)
{
    private readonly int length = address.Length;
    private WireReader reader = new(address);

    /// <summary>Where the next component starts.</summary>
    public readonly int Position => length - reader.Remaining;

    /// <summary>True when everything has been read.</summary>
    public readonly bool IsEmpty => reader.IsEmpty;

    /// <summary>Reads one component; false at the end and for bytes that are none.</summary>
    public bool TryRead([NotNullWhen(true)] out MultiaddressProtocol? protocol, out ReadOnlySpan<byte> value)
    {
        protocol = null;
        value = default;
        if (!reader.TryReadUvarint(out var code) || code > int.MaxValue || !MultiaddressProtocols.TryGet((int)code, out protocol))
            return false;

        // MA-001
        var count = (ulong)protocol.ValueLength;
        if (protocol.ValueLength == MultiaddressProtocol.VariableLength && !reader.TryReadUvarint(out count))
            return false;
        return count <= (ulong)reader.Remaining && reader.TryReadBytes((int)count, out value);
    }
}
