using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>The opened payload of a HELLO.</summary>
internal readonly ref struct HelloPayload
{
    /// <summary>Bytes before the frames.</summary>
    public const int FieldsLength = 17;

    private readonly ReadOnlySpan<byte> plaintext;

    private HelloPayload(ReadOnlySpan<byte> plaintext) => this.plaintext = plaintext;

    /// <summary>When the attempt began, µs since 1970 on the initiator's clock; also the id of the attempt.</summary>
    public ulong Timestamp => BinaryPrimitives.ReadUInt64LittleEndian(plaintext);

    /// <summary>The initiator's half of the association.</summary>
    public ulong Incarnation => BinaryPrimitives.ReadUInt64LittleEndian(plaintext[8..]);

    /// <summary>Suites and highest version the initiator can use: <see cref="ChannelOffers"/>.</summary>
    public byte Offers => plaintext[16];

    /// <summary>The early frames; may be empty.</summary>
    public ReadOnlySpan<byte> Frames => plaintext[FieldsLength..];

    /// <summary>Finds the fields; false when they are not all there.</summary>
    public static bool TryParse(ReadOnlySpan<byte> plaintext, out HelloPayload payload)
    {
        payload = plaintext.Length < FieldsLength ? default : new HelloPayload(plaintext);
        return plaintext.Length >= FieldsLength;
    }

    /// <summary>Writes the fields before the frames.</summary>
    public static void WriteFields(Span<byte> plaintext, ulong timestamp, ulong incarnation, byte offers)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(plaintext, timestamp);
        BinaryPrimitives.WriteUInt64LittleEndian(plaintext[8..], incarnation);
        plaintext[16] = offers;
    }
}
