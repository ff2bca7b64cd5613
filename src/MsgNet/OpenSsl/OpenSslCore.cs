using System.Runtime.InteropServices;

namespace MsgNet.OpenSsl;

/// <summary>
/// Finds OpenSSL 3 where it is part of the system, which .NET itself needs there. It is never required: without it libsodium does the work.
/// </summary>
internal static partial class OpenSslCore
{
    public const string LibraryName = "libcrypto.so.3";

    // As .NET starts it: what frees OpenSSL's tables at exit would pull them from under threads that still seal.
    private const ulong NoAtExit = 0x0008_0000;

    private static readonly Lazy<nint> Aes256GcmCipher = new(Fetch);

    /// <summary>The method AES-256-GCM, fetched once and never given back; zero where there is none. Safe on any thread.</summary>
    public static nint Aes256Gcm => Aes256GcmCipher.Value;

    private static nint Fetch()
    {
        // macOS ends processes that load its own by such a name, and Windows has none.
        var isThere = (OperatingSystem.IsLinux() || OperatingSystem.IsFreeBSD())
            && NativeLibrary.TryLoad(LibraryName, typeof(OpenSslCore).Assembly, null, out _);
        return isThere && OPENSSL_init_crypto(NoAtExit, 0) == 1 ? EVP_CIPHER_fetch(0, "AES-256-GCM", 0) : 0;
    }

    [LibraryImport(LibraryName)]
    private static partial int OPENSSL_init_crypto(ulong options, nint settings);

    [LibraryImport(LibraryName, StringMarshalling = StringMarshalling.Utf8)]
    private static partial nint EVP_CIPHER_fetch(nint libraryContext, string algorithm, nint properties);
}
