using System.Reflection;
using System.Runtime.InteropServices;

namespace MsgNet.Sodium;

/// <summary>
/// <c>sodium/core.h</c> and <c>version.h</c>: finds and starts the library. All that calls libsodium calls <see cref="Start"/> first.
/// </summary>
internal static partial class SodiumCore
{
    public const string LibraryName = "libsodium";

    // 1.0.18: the first whose key conversion checks the subgroup, which our identities rely on.
    private const int MajorMin = 10;
    private const int MinorMin = 3;

    // The NuGet package and Windows answer to the bare name; distributions carry the ABI number; Homebrew is not on the search path.
    internal static readonly string[] Names =
    [
        LibraryName, "libsodium.so.23", "libsodium.so.26", "libsodium.dylib", "libsodium.23.dylib", "libsodium.26.dylib",
        "/opt/homebrew/lib/libsodium.dylib", "/usr/local/lib/libsodium.dylib",
    ];

    private static readonly Lazy<Exception?> Failure = new(TryStart);

    /// <summary>Loads and starts libsodium once. Safe on any thread.</summary>
    /// <exception cref="LibsodiumMissingException">There is none, or it is too old.</exception>
    public static void Start()
    {
        if (Failure.Value is { } failure)
            throw new LibsodiumMissingException(failure.Message, failure);
    }

    /// <summary>Loads the library under the first of <paramref name="names"/> that works; zero when none does.</summary>
    internal static nint Load(IEnumerable<string> names, Assembly assembly)
    {
        foreach (var name in names)
        {
            if (NativeLibrary.TryLoad(name, assembly, null, out var handle))
                return handle;
        }

        return 0;
    }

    private static LibsodiumMissingException? TryStart()
    {
        var handle = Load(Names, typeof(SodiumCore).Assembly);
        if (handle == 0)
            return new LibsodiumMissingException("libsodium was not found.");

        NativeLibrary.SetDllImportResolver(typeof(SodiumCore).Assembly, (name, _, _) => name == LibraryName ? handle : 0);
        if (sodium_init() < 0)
            return new LibsodiumMissingException("libsodium did not start.");

        var (major, minor) = (sodium_library_version_major(), sodium_library_version_minor());
        return (major, minor).CompareTo((MajorMin, MinorMin)) < 0
            ? new LibsodiumMissingException($"libsodium has ABI {major}.{minor}; it must be {MajorMin}.{MinorMin} (1.0.18) or newer.")
            : null;
    }

    [LibraryImport(LibraryName)]
    private static partial int sodium_init();

    [LibraryImport(LibraryName)]
    private static partial int sodium_library_version_major();

    [LibraryImport(LibraryName)]
    private static partial int sodium_library_version_minor();
}
