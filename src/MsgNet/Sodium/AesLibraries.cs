using MsgNet.OpenSsl;
using Arm = System.Runtime.Intrinsics.Arm;
using X86 = System.Runtime.Intrinsics.X86;

namespace MsgNet.Sodium;

/// <summary>Who seals with AES-256-GCM: either will do, both together are fastest (<see cref="AesWorkspace"/>).</summary>
[Flags]
internal enum AesLibraries
{
    None = 0,
    Sodium = 1,
    OpenSsl = 2,
}

/// <summary>What of them there is.</summary>
internal static class AesLibrariesOfMachine
{
    /// <summary>
    /// Those of this machine; none where its CPU has no instructions for AES and GHASH: in software they are slower than ChaCha20, and
    /// their times tell of the key (SEC-125).
    /// </summary>
    public static AesLibraries Present { get; } = HasInstructions ? Sodium | OpenSsl : AesLibraries.None;

    private static bool HasInstructions => (X86.Aes.IsSupported && X86.Pclmulqdq.IsSupported) || Arm.Aes.IsSupported;

    // libsodium 1.0.18 has it on x86 only, and asks the CPU itself.
    private static AesLibraries Sodium
    {
        get
        {
            SodiumCore.Start();
            return SodiumAeadAes256Gcm.IsAvailable() != 0 ? AesLibraries.Sodium : AesLibraries.None;
        }
    }

    private static AesLibraries OpenSsl => OpenSslCore.Aes256Gcm != 0 ? AesLibraries.OpenSsl : AesLibraries.None;
}
