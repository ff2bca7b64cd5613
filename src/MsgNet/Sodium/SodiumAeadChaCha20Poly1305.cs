using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary><c>sodium/crypto_aead_chacha20poly1305.h</c>: ChaCha20-Poly1305-IETF. Input and output may begin at the same byte.</summary>
internal static unsafe partial class SodiumAeadChaCha20Poly1305
{
    public const int KeyLength = 32;
    public const int NonceLength = 12;
    public const int TagLength = 16;

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_aead_chacha20poly1305_ietf_encrypt")]
    public static partial int Encrypt(
        byte* ciphertext, ulong* ciphertextLength, byte* message, ulong messageLength, byte* ad, ulong adLength, byte* secretNonce,
        byte* nonce, byte* key);

    /// <summary>−1 when forged; the message is then zeros. The message may be null when it is empty.</summary>
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_aead_chacha20poly1305_ietf_decrypt")]
    public static partial int Decrypt(
        byte* message, ulong* messageLength, byte* secretNonce, byte* ciphertext, ulong ciphertextLength, byte* ad, ulong adLength,
        byte* nonce, byte* key);
}
