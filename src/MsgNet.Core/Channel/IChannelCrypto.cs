namespace MsgNet.Core;

/// <summary>
/// The cryptography of one node: its identity and every primitive the sealed channel needs. Keys stay behind opaque handles.
/// MsgNet supplies libsodium; a simulator supplies a fast deterministic stand-in.
/// </summary>
/// <remarks>
/// One thread at a time, except where a member says otherwise; the keys it creates are safe on any thread. An output may not overlap an
/// input unless the member allows it. A wrong length of a key, hash or tag is local misuse and throws <see cref="ArgumentException"/>;
/// contents never throw.
/// </remarks>
public interface IChannelCrypto
{
    /// <summary>The node's own Ed25519 public key, 32 bytes.</summary>
    ReadOnlySpan<byte> PublicKey { get; }

    /// <summary>Whether there are keys of <see cref="PacketSuite.Aes256Gcm"/> here; the same for life.</summary>
    bool HasAes256Gcm { get; }

    /// <summary>
    /// Converts an Ed25519 public key to its X25519 form. False, and zeros, unless <paramref name="ed25519"/> is 32 bytes of a canonical
    /// encoding (y &lt; p, compared bytewise) of a point of the prime-order subgroup (ID-005).
    /// </summary>
    bool TryConvertPublicKey(ReadOnlySpan<byte> ed25519, Span<byte> x25519);

    /// <summary>
    /// X25519 of the node's own identity and <paramref name="remoteX25519"/>; false, and zeros, when the output is all zeros (SEC-003).
    /// </summary>
    bool TryAgreeIdentity(ReadOnlySpan<byte> remoteX25519, Span<byte> shared);

    /// <summary>A fresh X25519 key pair, drawn from the node's <see cref="IRandom"/>; the caller disposes it.</summary>
    IEphemeralKey CreateEphemeral();

    /// <summary>SHA-256 of <paramref name="a"/> ‖ <paramref name="b"/>; the output may overlap either input.</summary>
    void Sha256(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> hash32);

    /// <summary>HMAC-SHA-256; the output may overlap either input. The key may have any length.</summary>
    void HmacSha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> hash32);

    /// <summary>BLAKE2b-128 keyed with 16 to 64 bytes.</summary>
    void Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> data, Span<byte> mac16);

    /// <summary>BLAKE2b-256 of <paramref name="prefix"/> ‖ <paramref name="data"/>, unkeyed.</summary>
    void Hash32(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> data, Span<byte> hash32);

    /// <summary>Compares in a time that depends on the lengths only; false when they differ.</summary>
    bool MacEquals(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b);

    /// <summary>
    /// ChaCha20-Poly1305-IETF with the nonce 0⁴ ‖ <paramref name="nonce"/> (u64 LE). <paramref name="ciphertext"/> is 16 bytes longer
    /// than <paramref name="plaintext"/> and may begin at the same byte.
    /// </summary>
    /// <remarks>Every IK message uses nonce 0; the third message of XX, on TCP, seals a static key with nonce 1.</remarks>
    void SealHandshake(ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    /// <summary>
    /// Opens what <see cref="SealHandshake"/> sealed; <paramref name="plaintext"/> is 16 bytes shorter than <paramref name="ciphertext"/>.
    /// False, and zeros, when it is forged or shorter than a tag.
    /// </summary>
    bool TryOpenHandshake(ReadOnlySpan<byte> key, ulong nonce, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext);

    /// <summary>XChaCha20-Poly1305-IETF with a random nonce of 24 bytes, for RETRY; the ciphertext is 16 bytes longer.</summary>
    void SealCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> plaintext, Span<byte> ciphertext);

    /// <summary>Opens what <see cref="SealCookie"/> sealed; false, and zeros, when it is forged or shorter than a tag.</summary>
    bool TryOpenCookie(
        ReadOnlySpan<byte> key, ReadOnlySpan<byte> nonce24, ReadOnlySpan<byte> ad, ReadOnlySpan<byte> ciphertext, Span<byte> plaintext);

    /// <summary>A key that seals packets from counter 0 on; copies <paramref name="key32"/>. The caller disposes it.</summary>
    /// <exception cref="ArgumentException">The suite is not to be had here, or the key has another length.</exception>
    ISealingKey CreateSealingKey(PacketSuite suite, ReadOnlySpan<byte> key32);

    /// <summary>A key that opens packets; copies <paramref name="key32"/>. The caller disposes it.</summary>
    /// <exception cref="ArgumentException">The suite is not to be had here, or the key has another length.</exception>
    IOpeningKey CreateOpeningKey(PacketSuite suite, ReadOnlySpan<byte> key32);

    /// <summary>Overwrites a secret in a way no optimiser removes. Safe on any thread.</summary>
    void Wipe(Span<byte> secret);
}
