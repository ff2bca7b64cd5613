using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>A HELLO as it lies in a datagram; borrowed, not copied, and nothing of it proven.</summary>
internal readonly ref struct HelloMessage
{
    /// <summary>Length of type, version, zeros and index, which the handshake hashes.</summary>
    public const int HeaderLength = 8;

    /// <summary>Where the initiator's index begins.</summary>
    public const int SenderIndexOffset = 4; // SEC-011

    /// <summary>Where E_i begins.</summary>
    public const int EphemeralOffset = 8;

    /// <summary>Where mac1 begins; it covers everything before.</summary>
    public const int Mac1Offset = 40;

    /// <summary>Where mac2 begins; it covers everything before.</summary>
    public const int Mac2Offset = 56;

    /// <summary>Where the sealed S_i begins.</summary>
    public const int StaticOffset = 72;

    /// <summary>Where the sealed payload begins.</summary>
    public const int PayloadOffset = 120;

    /// <summary>Bytes around the frames: everything but the frames themselves, 153, which is also the shortest HELLO.</summary>
    public const int Overhead = PayloadOffset + HelloPayload.FieldsLength + 16;

    private readonly ReadOnlySpan<byte> datagram;

    private HelloMessage(ReadOnlySpan<byte> datagram) => this.datagram = datagram;

    /// <summary>The index the initiator chose for its end.</summary>
    public uint SenderIndex => BinaryPrimitives.ReadUInt32LittleEndian(datagram[SenderIndexOffset..]);

    /// <summary>The bytes the handshake's prologue hashes.</summary>
    public ReadOnlySpan<byte> Header => datagram[..HeaderLength];

    /// <summary>E_i, 32 bytes.</summary>
    public ReadOnlySpan<byte> Ephemeral => datagram[EphemeralOffset..Mac1Offset];

    /// <summary>mac1, 16 bytes.</summary>
    public ReadOnlySpan<byte> Mac1 => datagram[Mac1Offset..Mac2Offset];

    /// <summary>mac2, 16 bytes.</summary>
    public ReadOnlySpan<byte> Mac2 => datagram[Mac2Offset..StaticOffset];

    /// <summary>True when mac2 is not all zeros: the initiator claims to hold a cookie.</summary>
    public bool HasMac2 => Mac2.ContainsAnyExcept((byte)0);

    /// <summary>What mac1 covers.</summary>
    public ReadOnlySpan<byte> CoveredByMac1 => datagram[..Mac1Offset];

    /// <summary>What mac2 covers.</summary>
    public ReadOnlySpan<byte> CoveredByMac2 => datagram[..Mac2Offset];

    /// <summary>The sealed S_i, 48 bytes.</summary>
    public ReadOnlySpan<byte> SealedStatic => datagram[StaticOffset..PayloadOffset];

    /// <summary>The sealed payload, at least 33 bytes.</summary>
    public ReadOnlySpan<byte> SealedPayload => datagram[PayloadOffset..];

    /// <summary>Finds the fields; false when type, version, zeros or length are wrong.</summary>
    public static bool TryParse(ReadOnlySpan<byte> datagram, out HelloMessage hello)
    {
        if (datagram.Length < Overhead || ChannelHeader.Read(datagram) != ChannelMessageType.Hello)
        {
            hello = default;
            return false;
        }

        hello = new HelloMessage(datagram);
        return true;
    }
}
