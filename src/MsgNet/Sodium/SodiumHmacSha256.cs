using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary>
/// <c>sodium/crypto_auth_hmacsha256.h</c>: HMAC with SHA-256 and keys of any length. The last call wipes the state.
/// </summary>
internal static unsafe partial class SodiumHmacSha256
{
    /// <summary>Room for a state, which must be aligned to 8 bytes.</summary>
    public const int StateLength = 208;

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_auth_hmacsha256_init")]
    public static partial int Init(ulong* state, byte* key, nuint keyLength);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_auth_hmacsha256_update")]
    public static partial int Update(ulong* state, byte* data, ulong dataLength);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_auth_hmacsha256_final")]
    public static partial int Final(ulong* state, byte* hash);
}
