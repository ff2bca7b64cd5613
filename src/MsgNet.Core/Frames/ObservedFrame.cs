namespace MsgNet.Core;

/// <summary>OBSERVED: the address under which the sender of this frame sees its receiver.</summary>
internal readonly ref struct ObservedFrame
{
    private ObservedFrame(NetAddress address) => Address = address;

    /// <summary>The receiver's own address as seen from outside; scope and local port are 0.</summary>
    public NetAddress Address { get; }

    /// <summary>Reads a body; false when it breaks a rule.</summary>
    public static bool TryParse(ReadOnlySpan<byte> body, out ObservedFrame frame)
    {
        var reader = new WireReader(body);
        // MP-010
        var valid = reader.TryReadBytes(NetAddress.WireLength - sizeof(ushort), out var address)
            & reader.TryReadUInt16BigEndian(out var port)
            & reader.IsEmpty;
        frame = valid ? new ObservedFrame(NetAddress.FromWire(address, port, localPort: 0)) : default;
        return valid;
    }
}
