using System.Buffers.Binary;

namespace MsgNet.Core;

/// <summary>The opened payload of an ACK.</summary>
internal readonly ref struct AckPayload
{
    /// <summary>Bytes before the frames.</summary>
    public const int FieldsLength = 9;

    private readonly ReadOnlySpan<byte> plaintext;

    private AckPayload(ReadOnlySpan<byte> plaintext) => this.plaintext = plaintext;

    /// <summary>The responder's half of the association.</summary>
    public ulong Incarnation => BinaryPrimitives.ReadUInt64LittleEndian(plaintext);

    /// <summary>Suites and highest version the responder can use: <see cref="ChannelOffers"/>.</summary>
    public byte Offers => plaintext[8];

    /// <summary>The frames; may be empty.</summary>
    public ReadOnlySpan<byte> Frames => plaintext[FieldsLength..];

    /// <summary>Finds the fields; false when they are not all there.</summary>
    public static bool TryParse(ReadOnlySpan<byte> plaintext, out AckPayload payload)
    {
        payload = plaintext.Length < FieldsLength ? default : new AckPayload(plaintext);
        return plaintext.Length >= FieldsLength;
    }

    /// <summary>Writes the fields before the frames.</summary>
    public static void WriteFields(Span<byte> plaintext, ulong incarnation, byte offers)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(plaintext, incarnation);
        plaintext[8] = offers;
    }
}
