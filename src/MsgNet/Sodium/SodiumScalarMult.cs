using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary><c>sodium/crypto_scalarmult_curve25519.h</c>: X25519.</summary>
internal static unsafe partial class SodiumScalarMult
{
    public const int Length = 32;

    /// <summary>−1 when the output is all zeros.</summary>
    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_scalarmult_curve25519")]
    public static partial int Multiply(byte* shared, byte* secret, byte* point);

    [LibraryImport(SodiumCore.LibraryName, EntryPoint = "crypto_scalarmult_curve25519_base")]
    public static partial int MultiplyBase(byte* point, byte* secret);
}
