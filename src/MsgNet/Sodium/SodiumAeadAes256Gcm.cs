using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary>
/// <c>sodium/crypto_aead_aes256gcm.h</c>: AES-256-GCM under an expanded key. Input and output may begin at the same byte. A datagram takes
/// less than a microsecond, so the collector may wait for it.
/// </summary>
internal static unsafe partial class SodiumAeadAes256Gcm
{
    /// <summary>Bytes of an expanded key, which begins at a multiple of 16.</summary>
    public const int StateLength = 512;

    /// <summary>Nonzero where the CPU has what it takes; asked after <see cref="SodiumCore.Start"/>.</summary>
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_aead_aes256gcm_is_available")]
    public static partial int IsAvailable();

    [SuppressGCTransition]
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_aead_aes256gcm_beforenm")]
    public static partial int Expand(byte* state, byte* key);

    [SuppressGCTransition]
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_aead_aes256gcm_encrypt_afternm")]
    public static partial int Encrypt(
        byte* ciphertext, ulong* ciphertextLength, byte* message, ulong messageLength, byte* ad, ulong adLength, byte* secretNonce,
        byte* nonce, byte* state);

    /// <summary>−1 when forged; the message is then zeros. The message may be null when it is empty.</summary>
    [SuppressGCTransition]
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_aead_aes256gcm_decrypt_afternm")]
    public static partial int Decrypt(
        byte* message, ulong* messageLength, byte* secretNonce, byte* ciphertext, ulong ciphertextLength, byte* ad, ulong adLength,
        byte* nonce, byte* state);
}
