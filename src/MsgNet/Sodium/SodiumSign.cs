using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary><c>sodium/crypto_sign_ed25519.h</c>: signatures and the conversion of their keys. A secret key is seed ‖ public key.</summary>
internal static unsafe partial class SodiumSign
{
    public const int SeedLength = 32;
    public const int PublicKeyLength = 32;
    public const int SecretKeyLength = 64;
    public const int SignatureLength = 64;

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_sign_ed25519_seed_keypair")]
    public static partial int SeedKeypair(byte* publicKey, byte* secretKey, byte* seed);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_sign_ed25519_detached")]
    public static partial int Detached(byte* signature, ulong* signatureLength, byte* message, ulong messageLength, byte* secretKey);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_sign_ed25519_verify_detached")]
    public static partial int VerifyDetached(byte* signature, byte* message, ulong messageLength, byte* publicKey);

    /// <summary>−1 for points of small order or outside the main subgroup; non-canonical encodings pass.</summary>
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_sign_ed25519_pk_to_curve25519")]
    public static partial int PublicKeyToCurve25519(byte* x25519, byte* ed25519);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_sign_ed25519_sk_to_curve25519")]
    public static partial int SecretKeyToCurve25519(byte* x25519, byte* secretKey);
}
