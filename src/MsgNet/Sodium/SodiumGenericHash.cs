using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary><c>sodium/crypto_generichash_blake2b.h</c>: BLAKE2b, keyed or not.</summary>
internal static unsafe partial class SodiumGenericHash
{
    public const int KeyLengthMin = 16;
    public const int KeyLengthMax = 64;

    /// <summary>Room for a state, which must be aligned to 64 bytes.</summary>
    public const int StateLength = 384;

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_generichash_blake2b")]
    public static partial int Hash(byte* hash, nuint hashLength, byte* data, ulong dataLength, byte* key, nuint keyLength);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_generichash_blake2b_init")]
    public static partial int Init(byte* state, byte* key, nuint keyLength, nuint hashLength);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_generichash_blake2b_update")]
    public static partial int Update(byte* state, byte* data, ulong dataLength);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_generichash_blake2b_final")]
    public static partial int Final(byte* state, byte* hash, nuint hashLength);
}
