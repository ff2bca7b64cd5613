using System.Runtime.InteropServices;

namespace MsgNet.OpenSsl;

/// <summary>
/// <c>openssl/evp.h</c>: ciphers. Returns 1 for success. What is called for each packet takes less than a microsecond, so the collector may
/// wait for it.
/// </summary>
internal static unsafe partial class OpenSslCipher
{
    public const int GetTag = 0x10;
    public const int SetTag = 0x11;

    [LibraryImport(OpenSslCore.LibraryName, EntryPoint = "EVP_CIPHER_CTX_new")]
    public static partial nint New();

    /// <summary>Wipes and frees.</summary>
    [LibraryImport(OpenSslCore.LibraryName, EntryPoint = "EVP_CIPHER_CTX_free")]
    public static partial void Free(nint context);

    /// <summary>Whatever is null or zero stays as it is.</summary>
    [SuppressGCTransition]
    [LibraryImport(OpenSslCore.LibraryName, EntryPoint = "EVP_CipherInit_ex")]
    public static partial int Init(nint context, nint cipher, nint engine, byte* key, byte* nonce, int seals);

    /// <summary>Takes associated data when <paramref name="output"/> is null.</summary>
    [SuppressGCTransition]
    [LibraryImport(OpenSslCore.LibraryName, EntryPoint = "EVP_CipherUpdate")]
    public static partial int Update(nint context, byte* output, int* outputLength, byte* input, int inputLength);

    /// <summary>Ends the packet; opening, 0 when it is forged.</summary>
    [SuppressGCTransition]
    [LibraryImport(OpenSslCore.LibraryName, EntryPoint = "EVP_CipherFinal_ex")]
    public static partial int Final(nint context, byte* output, int* outputLength);

    [SuppressGCTransition]
    [LibraryImport(OpenSslCore.LibraryName, EntryPoint = "EVP_CIPHER_CTX_ctrl")]
    public static partial int Control(nint context, int command, int length, byte* bytes);
}
