using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>An ACK as it lies in a datagram; borrowed, not copied, and nothing of it proven.</summary>
internal readonly ref struct AckMessage
{
    /// <summary>Length of type, version, zeros and both indices, which the handshake hashes.</summary>
    public const int HeaderLength = 12;

    /// <summary>Where the responder's index begins.</summary>
    public const int SenderIndexOffset = 4; // SEC-013

    /// <summary>Where the initiator's index begins.</summary>
    public const int ReceiverIndexOffset = 8;

    /// <summary>Where E_r begins.</summary>
    public const int EphemeralOffset = 12;

    /// <summary>Where the sealed payload begins.</summary>
    public const int PayloadOffset = 44;

    /// <summary>Bytes around the frames: everything but the frames themselves, 69, which is also the shortest ACK.</summary>
    public const int Overhead = PayloadOffset + AckPayload.FieldsLength + 16;

    private readonly ReadOnlySpan<byte> datagram;

    private AckMessage(ReadOnlySpan<byte> datagram) => this.datagram = datagram;

    /// <summary>The index the responder chose for its end.</summary>
    public uint SenderIndex => BinaryPrimitives.ReadUInt32LittleEndian(datagram[SenderIndexOffset..]);

    /// <summary>The index of the HELLO this answers.</summary>
    public uint ReceiverIndex => BinaryPrimitives.ReadUInt32LittleEndian(datagram[ReceiverIndexOffset..]);

    /// <summary>The bytes the handshake hashes before E_r.</summary>
    public ReadOnlySpan<byte> Header => datagram[..HeaderLength];

    /// <summary>E_r, 32 bytes.</summary>
    public ReadOnlySpan<byte> Ephemeral => datagram[EphemeralOffset..PayloadOffset];

    /// <summary>The sealed payload, at least 25 bytes.</summary>
    public ReadOnlySpan<byte> SealedPayload => datagram[PayloadOffset..];

    /// <summary>Finds the fields; false when type, version, zeros or length are wrong.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out AckMessage ack)
    {
        if (datagram.Length < Overhead || ChannelHeader.Read(datagram) != ChannelMessageType.Ack)
        {
            ack = default;
            return false;
        }

        ack = new AckMessage(datagram);
        return true;
    }
}
