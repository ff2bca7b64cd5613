using System.Runtime.InteropServices;
using System.Security.Cryptography;

namespace MsgNet;

/// <summary>The key file: libp2p's <c>PrivateKey</c> message of an Ed25519 key, readable by its owner only.</summary>
internal static partial class KeyFile
{
    private const int HeadLength = 4;
    private const int SeedLength = 32;
    private const int PublicKeyLength = 32;
    private const int Length = HeadLength + SeedLength + PublicKeyLength;
    private const int LegacyLength = Length + PublicKeyLength;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private const UnixFileMode OthersRights =
        UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    // Field 1, Ed25519; field 2, its length.
    private static ReadOnlySpan<byte> Head => [0x08, 0x01, 0x12, SeedLength + PublicKeyLength];

    private static ReadOnlySpan<byte> LegacyHead => [0x08, 0x01, 0x12, SeedLength + (2 * PublicKeyLength)];

    public static void Read(string path, Span<byte> seed, Span<byte> publicKey)
    {
        // Room for one byte too many, so that a longer file shows.
        Span<byte> bytes = stackalloc byte[LegacyLength + 1];
        RefuseFolder(path);
        try
        {
            using var file = File.OpenHandle(path);
            RefuseOthersRights(path, file);
            var length = ReadAll(file, bytes);
            if (!TryParse(bytes[..length], seed, publicKey))
            {
                throw new InvalidDataException(
                    $"'{path}' holds no Ed25519 private key in libp2p's form ({Length} bytes). Give another path, or move the file away.");
            }
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
        }
    }

    public static void Write(string path, ReadOnlySpan<byte> seedAndPublicKey)
    {
        RefuseFolder(path);
        if (!Directory.Exists(Path.GetDirectoryName(Path.GetFullPath(path))))
            throw new DirectoryNotFoundException($"'{path}' is in no folder that exists. Make the folder first, or give another path.");

        Span<byte> bytes = stackalloc byte[Length];
        Head.CopyTo(bytes);
        seedAndPublicKey.CopyTo(bytes[HeadLength..]);
        var draft = path + "." + Path.GetRandomFileName();
        try
        {
            WriteDraft(draft, bytes);
            Publish(draft, path);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new IOException($"'{path}' exists, and a key file is never replaced. Load it, or move it away first.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // The system names the draft, which nobody knows.
            var reason = error.Message.Replace(draft, path, StringComparison.Ordinal);
            throw new IOException($"No key file can be made here: {reason} Check the rights to the folder, or give another path.", error);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            File.Delete(draft);
        }
    }

    /// <summary>Gives a draft its name if no file has it, and leaves the draft, or not.</summary>
    /// <exception cref="IOException">A file has the name, or it cannot be given.</exception>
    internal static void Publish(string draft, string path)
    {
        // ID-024. On Unix .NET moves in two steps: it looks for the name, then renames, and of two at once the later replaces the earlier.
        if (!OperatingSystem.IsWindows() && Link(draft, path) == 0)
            return;

        // This says what was wrong, and serves volumes that have no links.
        File.Move(draft, path, overwrite: false);
    }

    private static void RefuseFolder(string path)
    {
        if (Directory.Exists(path))
            throw new IOException($"'{path}' is a folder, and an identity is kept in a file. Give the path of a file in it.");
    }

    private static void RefuseOthersRights(string path, Microsoft.Win32.SafeHandles.SafeFileHandle file)
    {
        if (OperatingSystem.IsWindows() || (File.GetUnixFileMode(file) & OthersRights) == 0)
            return;

        throw new UnauthorizedAccessException($"Others than its owner have rights to the key file '{path}'. Run: chmod 600 '{path}'");
    }

    private static int ReadAll(Microsoft.Win32.SafeHandles.SafeFileHandle file, Span<byte> buffer)
    {
        var length = 0;
        while (length < buffer.Length)
        {
            var read = RandomAccess.Read(file, buffer[length..], length);
            if (read == 0)
                break;

            length += read;
        }

        return length;
    }

    private static bool TryParse(ReadOnlySpan<byte> bytes, Span<byte> seed, Span<byte> publicKey)
    {
        if (!IsCurrent(bytes) && !IsLegacy(bytes))
            return false;

        bytes.Slice(HeadLength, SeedLength).CopyTo(seed);
        bytes.Slice(HeadLength + SeedLength, PublicKeyLength).CopyTo(publicKey);
        return true;
    }

    private static bool IsCurrent(ReadOnlySpan<byte> bytes) => bytes.Length == Length && bytes.StartsWith(Head); // ID-021

    // ID-022
    private static bool IsLegacy(ReadOnlySpan<byte> bytes) =>
        bytes.Length == LegacyLength
        && bytes.StartsWith(LegacyHead)
        && bytes[^(2 * PublicKeyLength)..^PublicKeyLength].SequenceEqual(bytes[^PublicKeyLength..]);

    private static void WriteDraft(string draft, ReadOnlySpan<byte> bytes)
    {
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;

        using var file = new FileStream(draft, options);
        file.Write(bytes);
        file.Flush(flushToDisk: true);
    }

    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
