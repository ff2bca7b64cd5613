using System.Buffers.Binary;
using System.Net;

namespace MsgNet.Core;

/// <summary>
/// One end of an MSP connection: 32 bytes that identify a node, and a port number. What they mean is the carrier's affair: over MDP they
/// are a SID and an MDP port. A value; comparing two allocates nothing.
/// </summary>
public readonly record struct MspAddress
{
    /// <summary>Bytes of an identity.</summary>
    public const int IdLength = 32;

    private readonly ulong first;
    private readonly ulong second;
    private readonly ulong third;
    private readonly ulong fourth;

    /// <summary>The address of a port at a node.</summary>
    /// <param name="id">The node's identity: <see cref="IdLength"/> bytes; all zero means any of this side's own.</param>
    /// <param name="port">The port.</param>
    /// <exception cref="ArgumentException"><paramref name="id"/> has another length.</exception>
    public MspAddress(ReadOnlySpan<byte> id, uint port)
    {
        if (id.Length != IdLength)
            throw new ArgumentException($"An identity has {IdLength} bytes, this has {id.Length}.", nameof(id));

        first = BinaryPrimitives.ReadUInt64BigEndian(id);
        second = BinaryPrimitives.ReadUInt64BigEndian(id[8..]);
        third = BinaryPrimitives.ReadUInt64BigEndian(id[16..]);
        fourth = BinaryPrimitives.ReadUInt64BigEndian(id[24..]);
        Port = port;
    }

    private MspAddress(ulong third, ulong fourth, uint port)
    {
        this.third = third;
        this.fourth = fourth;
        Port = port;
    }

    /// <summary>The port.</summary>
    public uint Port { get; }

    /// <summary>A port at any of this side's identities, to listen on.</summary>
    public static MspAddress Any(uint port) => new(0, 0, port);

    /// <summary>
    /// The address of an IP endpoint, for MSP in plain datagrams: 16 zero bytes and the address, IPv4 as v4-mapped IPv6.
    /// </summary>
    public static MspAddress From(IPAddress ip, int port)
    {
        var address = NetAddress.From(ip, port, 0);
        return new MspAddress(address.High, address.Low, address.Port);
    }

    /// <summary>Writes the identity.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="destination"/> is shorter than <see cref="IdLength"/>.</exception>
    public void WriteId(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, first);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], second);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], third);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], fourth);
    }

    /// <inheritdoc/>
    public override string ToString() => $"{first:X16}{second:X16}{third:X16}{fourth:X16}:{Port}";
}
