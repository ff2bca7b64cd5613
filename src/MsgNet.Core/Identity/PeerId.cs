using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// Who a peer is: the multihash of its public key, such as <c>12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5</c>.
/// A key whose libp2p message takes at most 42 bytes, as every Ed25519 key does, is contained whole; a longer one by its SHA-256.
/// </summary>
/// <remarks>
/// Immutable, one reference wide, safe on any thread; comparing and hashing allocate nothing. The default value is nobody
/// (<see cref="IsEmpty"/>) and is refused wherever a peer is meant. An id proves nothing: only a handshake shows that a peer owns its key.
/// </remarks>
public readonly struct PeerId : IEquatable<PeerId>, IComparable<PeerId>, ISpanParsable<PeerId>, ISpanFormattable
{
    /// <summary>Longest multihash of a peer id, in bytes: an identity multihash of 42 bytes.</summary>
    public const int MultihashLengthMax = 2 + InlineKeyLengthMax;

    /// <summary>Longest text accepted, in characters; the longest right one is a base16 CID of 93.</summary>
    public const int TextLengthMax = 128;

    private const int InlineKeyLengthMax = 42;
    private const byte IdentityCode = 0x00;
    private const byte Sha256Code = 0x12;
    private const int Sha256MultihashLength = 2 + SHA256.HashSizeInBytes;
    private const byte CidVersion = 0x01;
    private const byte Libp2pKeyCodec = 0x72;
    private const int HashLength = sizeof(int);

    // The hash code in 4 bytes, then the multihash. One reference holds both, so copying an id between threads cannot tear it.
    private readonly byte[]? cell;

    private PeerId(ReadOnlySpan<byte> multihash)
    {
        // HashCode is seeded per process: a peer that grinds keys cannot aim at one bucket of our tables.
        var hash = default(HashCode);
        hash.AddBytes(multihash);
        var bytes = new byte[HashLength + multihash.Length];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, hash.ToHashCode());
        multihash.CopyTo(bytes.AsSpan(HashLength));
        cell = bytes;
    }

    /// <summary>True for the default value, which is nobody.</summary>
    public bool IsEmpty => cell is null;

    /// <summary>
    /// The multihash, 34 to 44 bytes (fewer only for tiny odd keys): what libp2p puts on the wire. Empty for the default value.
    /// </summary>
    public ReadOnlySpan<byte> Multihash => cell is null ? default : cell.AsSpan(HashLength);

    /// <summary>True when the id contains an Ed25519 key; only such a peer can be reached over the sealed channel.</summary>
    // ID-017
    public bool IsEd25519 => Multihash is { Length: 2 + PublicKeyProtobuf.Ed25519Length } bytes
        && bytes[0] == IdentityCode
        && bytes[2..].StartsWith(PublicKeyProtobuf.Ed25519Prefix);

    /// <summary>The id of the peer that owns this Ed25519 key.</summary>
    /// <param name="publicKey">The public key, 32 bytes.</param>
    /// <exception cref="ArgumentException">The key has another length.</exception>
    public static PeerId FromEd25519(ReadOnlySpan<byte> publicKey)
    {
        if (publicKey.Length != PublicKeyProtobuf.Ed25519KeyLength)
        {
            throw new ArgumentException(
                $"An Ed25519 public key has 32 bytes, not {publicKey.Length}: pass the raw key.", nameof(publicKey));
        }

        Span<byte> multihash = stackalloc byte[2 + PublicKeyProtobuf.Ed25519Length];
        multihash[0] = IdentityCode;
        multihash[1] = PublicKeyProtobuf.Ed25519Length;
        PublicKeyProtobuf.Ed25519Prefix.CopyTo(multihash[2..]);
        publicKey.CopyTo(multihash[(2 + PublicKeyProtobuf.Ed25519Prefix.Length)..]);
        return new PeerId(multihash);
    }

    /// <summary>The id of the peer that owns the key in this serialized libp2p <c>PublicKey</c> message.</summary>
    /// <exception cref="ArgumentException">The message is not canonical, or its kind of key is unknown.</exception>
    public static PeerId FromPublicKeyProtobuf(ReadOnlySpan<byte> message) => TryFromPublicKeyProtobuf(message, out var peer)
        ? peer
        : throw new ArgumentException(
            "This is no canonical libp2p PublicKey message: pass its fields Type (0 to 3) and Data, in that order, minimal.",
            nameof(message));

    /// <summary>As <see cref="FromPublicKeyProtobuf"/>, for untrusted bytes: false instead of an exception.</summary>
    public static bool TryFromPublicKeyProtobuf(ReadOnlySpan<byte> message, out PeerId peer)
    {
        peer = default;
        if (!PublicKeyProtobuf.TryRead(message, out _, out _))
            return false;

        // ID-011
        Span<byte> multihash = stackalloc byte[MultihashLengthMax];
        if (message.Length <= InlineKeyLengthMax)
        {
            multihash[0] = IdentityCode;
            multihash[1] = (byte)message.Length;
            message.CopyTo(multihash[2..]);
            peer = new PeerId(multihash[..(2 + message.Length)]);
            return true;
        }

        multihash[0] = Sha256Code;
        multihash[1] = SHA256.HashSizeInBytes;
        SHA256.HashData(message, multihash[2..]);
        peer = new PeerId(multihash[..Sha256MultihashLength]);
        return true;
    }

    /// <summary>The id with this multihash; false for untrusted bytes that are none.</summary>
    public static bool TryFromMultihash(ReadOnlySpan<byte> multihash, out PeerId peer)
    {
        peer = IsMultihash(multihash) ? new PeerId(multihash) : default;
        return !peer.IsEmpty;
    }

    /// <inheritdoc cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>
    public static PeerId Parse(string s, IFormatProvider? provider = null)
    {
        ArgumentNullException.ThrowIfNull(s);
        return Parse(s.AsSpan(), provider);
    }

    /// <summary>
    /// Reads an id from base58btc (<c>12D3KooW…</c>, <c>Qm…</c>) or from a CIDv1 with the libp2p-key codec in any multibase but base64.
    /// </summary>
    /// <param name="s">The text, at most <see cref="TextLengthMax"/> characters.</param>
    /// <param name="provider">Ignored: ids look the same in every culture.</param>
    /// <exception cref="FormatException">The text is no peer id.</exception>
    public static PeerId Parse(ReadOnlySpan<char> s, IFormatProvider? provider = null) => TryParse(s, out var peer)
        ? peer
        : throw new FormatException(
            $"'{s[..Math.Min(s.Length, TextLengthMax)]}' is no peer id: one looks like " +
            "12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5.");

    /// <summary>As <see cref="Parse(ReadOnlySpan{char}, IFormatProvider?)"/>, for untrusted text: false instead of an exception.</summary>
    public static bool TryParse(ReadOnlySpan<char> s, out PeerId result)
    {
        result = default;
        if (s.Length > TextLengthMax)
            return false;

        // ID-014, ID-018
        Span<byte> bytes = stackalloc byte[TextLengthMax];
        if (s.StartsWith('1') || s.StartsWith("Qm"))
            return BaseText.TryDecodeBase58(s, bytes, out var length) && TryFromMultihash(bytes[..length], out result);

        return BaseText.TryDecodeMultibase(s, bytes, out var cidLength)
            && bytes[..cidLength] is [CidVersion, Libp2pKeyCodec, .. var multihash]
            && TryFromMultihash(multihash, out result);
    }

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out PeerId)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, out PeerId result) => TryParse(s.AsSpan(), out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out PeerId)"/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out PeerId result) => TryParse(s, out result);

    /// <inheritdoc cref="TryParse(ReadOnlySpan{char}, out PeerId)"/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out PeerId result) =>
        TryParse(s.AsSpan(), out result);

    /// <summary>Copies the Ed25519 key out of the id; false, with nothing written, when it contains none.</summary>
    /// <param name="publicKey">Room for at least 32 bytes; the key goes to the first 32.</param>
    /// <exception cref="ArgumentException"><paramref name="publicKey"/> is too short.</exception>
    public bool TryGetEd25519(Span<byte> publicKey)
    {
        if (publicKey.Length < PublicKeyProtobuf.Ed25519KeyLength)
            throw new ArgumentException($"An Ed25519 public key needs 32 bytes of room, not {publicKey.Length}.", nameof(publicKey));
        if (!IsEd25519)
            return false;

        Multihash[^PublicKeyProtobuf.Ed25519KeyLength..].CopyTo(publicKey);
        return true;
    }

    /// <summary>The multihash as memory that may be kept; it belongs to the id and must not be changed.</summary>
    public ReadOnlyMemory<byte> ToMemory() => cell is null ? default : cell.AsMemory(HashLength);

    /// <summary>The id as a CIDv1 in base32 (<c>bafz…</c>), as content-addressed systems write it.</summary>
    /// <exception cref="InvalidOperationException">The id is empty.</exception>
    public string ToCidString()
    {
        if (IsEmpty)
            throw new InvalidOperationException("The empty peer id has no CID: check IsEmpty first.");

        // ID-015
        Span<byte> cid = stackalloc byte[2 + MultihashLengthMax];
        cid[0] = CidVersion;
        cid[1] = Libp2pKeyCodec;
        Multihash.CopyTo(cid[2..]);
        return "b" + BaseText.Base32Of(cid[..(2 + Multihash.Length)]);
    }

    /// <summary>The id in base58btc; empty for the default value.</summary>
    // ID-013
    public override string ToString() => IsEmpty ? "" : BaseText.Base58Of(Multihash);

    /// <inheritdoc cref="ToString()"/>
    public string ToString(string? format, IFormatProvider? formatProvider) => ToString();

    /// <summary>Writes the base58btc text; false, with nothing written, when it does not fit.</summary>
    public bool TryFormat(
        Span<char> destination, out int charsWritten, ReadOnlySpan<char> format = default, IFormatProvider? provider = null)
    {
        var text = ToString();
        charsWritten = text.TryCopyTo(destination) ? text.Length : 0;
        return charsWritten == text.Length;
    }

    /// <inheritdoc/>
    // ID-016
    public bool Equals(PeerId other) => ReferenceEquals(cell, other.cell) || cell.AsSpan().SequenceEqual(other.cell);

    /// <inheritdoc/>
    public override bool Equals([NotNullWhen(true)] object? obj) => obj is PeerId other && Equals(other);

    /// <summary>A hash computed once per id, seeded differently in every process.</summary>
    public override int GetHashCode() => cell is null ? 0 : BinaryPrimitives.ReadInt32LittleEndian(cell);

    /// <summary>Orders ids by their multihash bytes, the empty one first: the same order on every machine.</summary>
    public int CompareTo(PeerId other) => Multihash.SequenceCompareTo(other.Multihash);

    /// <summary>Equality of ids.</summary>
    public static bool operator ==(PeerId left, PeerId right) => left.Equals(right);

    /// <summary>Difference of ids.</summary>
    public static bool operator !=(PeerId left, PeerId right) => !left.Equals(right);

    /// <summary>Order of multihash bytes.</summary>
    public static bool operator <(PeerId left, PeerId right) => left.CompareTo(right) < 0;

    /// <summary>Order of multihash bytes.</summary>
    public static bool operator >(PeerId left, PeerId right) => left.CompareTo(right) > 0;

    /// <summary>Order of multihash bytes.</summary>
    public static bool operator <=(PeerId left, PeerId right) => left.CompareTo(right) <= 0;

    /// <summary>Order of multihash bytes.</summary>
    public static bool operator >=(PeerId left, PeerId right) => left.CompareTo(right) >= 0;

    /// <summary>True when these bytes are a peer id's multihash. Allocates nothing.</summary>
    // ID-012
    internal static bool IsMultihash(ReadOnlySpan<byte> bytes) => bytes switch
    {
        [IdentityCode, var length, .. var message] =>
            length == message.Length && length <= InlineKeyLengthMax && PublicKeyProtobuf.TryRead(message, out _, out _),
        [Sha256Code, SHA256.HashSizeInBytes, .. var digest] => digest.Length == SHA256.HashSizeInBytes,
        _ => false,
    };
}
