namespace MsgNet.Core;

/// <summary>
/// libp2p's <c>PublicKey</c> message in its only accepted form: <c>08 type 12 length data</c>, both fields, in order, minimal, nothing
/// else.
/// A second encoding of one key would be a second peer id for it.
/// </summary>
internal static class PublicKeyProtobuf
{
    /// <summary>Length of an Ed25519 public key.</summary>
    public const int Ed25519KeyLength = 32;

    /// <summary>Length of the message around an Ed25519 public key.</summary>
    public const int Ed25519Length = 36;

    private const int Secp256k1KeyLength = 33;
    private const byte TypeTag = 0x08;
    private const byte DataTag = 0x12;

    /// <summary>What every Ed25519 message starts with.</summary>
    // ID-002
    public static ReadOnlySpan<byte> Ed25519Prefix => [TypeTag, (byte)KeyType.Ed25519, DataTag, Ed25519KeyLength];

    /// <summary>Reads a canonical message; false for any other bytes. Allocates nothing.</summary>
    /// <param name="message">The serialized message; untrusted.</param>
    /// <param name="type">The kind of key.</param>
    /// <param name="key">The key, borrowed from <paramref name="message"/>.</param>
    public static bool TryRead(ReadOnlySpan<byte> message, out KeyType type, out ReadOnlySpan<byte> key)
    {
        type = default;
        key = default;
        var reader = new WireReader(message);
        if (!reader.TryReadByte(out var typeTag) || typeTag != TypeTag || !reader.TryReadUvarint(out var number))
            return false;
        if (!reader.TryReadByte(out var dataTag) || dataTag != DataTag || !reader.TryReadUvarint(out var length))
            return false;

        // ID-003, ID-004: the data is the rest, so nothing can follow it; no other type is known.
        if (number > (ulong)KeyType.Ecdsa || length != (ulong)reader.Remaining)
            return false;

        type = (KeyType)number;
        key = reader.Rest;
        return type switch
        {
            KeyType.Ed25519 => key.Length == Ed25519KeyLength,
            KeyType.Secp256k1 => key.Length == Secp256k1KeyLength,
            _ => !key.IsEmpty,
        };
    }
}
