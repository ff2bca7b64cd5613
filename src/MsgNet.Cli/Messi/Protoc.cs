using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace MsgNet.Cli.Messi;

/// <summary>The compiler of Protocol Buffers, found on this machine. CLI-082.</summary>
/// <param name="Path">The program.</param>
/// <param name="Include">Where its own <c>.proto</c> files are, when it does not find them by itself.</param>
internal sealed record Protoc(string Path, string? Include)
{
    private static readonly string Program = OperatingSystem.IsWindows() ? "protoc.exe" : "protoc";

    /// <summary>Finds it: in <c>PATH</c>, or else in the newest package Grpc.Tools that this machine has restored.</summary>
    /// <exception cref="EnvironmentException">There is none; the message says how to get it.</exception>
    public static Protoc Find() => FindInPath() ?? FindInPackages() ?? throw new EnvironmentException(
        "no protoc in PATH, and no package Grpc.Tools in the NuGet cache: install protobuf-compiler (apt-get install protobuf-compiler, "
        + "brew install protobuf), add the package Grpc.Tools to a project and restore it, or name one with --protoc PATH.");

    /// <summary>Describes a file and all that it imports, as a FileDescriptorSet; the file itself stands last.</summary>
    /// <exception cref="ProtoException">protoc does not take the file; the message is protoc's.</exception>
    public async Task<byte[]> Describe(string file, IReadOnlyList<string> importPaths, CancellationToken cancellationToken)
    {
        var output = System.IO.Path.GetTempFileName();
        try
        {
            await Run(Arguments(file, importPaths, output), cancellationToken);
            return await File.ReadAllBytesAsync(output, cancellationToken);
        }
        finally
        {
            File.Delete(output);
        }
    }

    private static Protoc? FindInPath() => (Environment.GetEnvironmentVariable("PATH") ?? "")
        .Split(System.IO.Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries)
        .Select(folder => System.IO.Path.Combine(folder, Program))
        .Where(File.Exists)
        .Select(path => new Protoc(path, Include: null))
        .FirstOrDefault();

    private static Protoc? FindInPackages()
    {
        var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES") is { Length: > 0 } set
            ? set
            : System.IO.Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        var package = new DirectoryInfo(System.IO.Path.Combine(cache, "grpc.tools"));
        if (!package.Exists)
            return null;

        return package.EnumerateDirectories()
            .OrderByDescending(folder => Version.TryParse(folder.Name, out var version) ? version : new Version())
            .SelectMany(folder => Platforms().Select(platform => new Protoc(
                System.IO.Path.Combine(folder.FullName, "tools", platform, Program),
                System.IO.Path.Combine(folder.FullName, "build", "native", "include"))))
            .FirstOrDefault(found => File.Exists(found.Path));
    }

    /// <summary>The folders of Grpc.Tools that this machine can run programs of.</summary>
    private static string[] Platforms()
    {
        var processor = RuntimeInformation.OSArchitecture.ToString().ToLowerInvariant();
        if (OperatingSystem.IsMacOS())
            return ["macosx_universal", "macosx_" + processor, "macosx_x64"];
        return OperatingSystem.IsWindows() ? ["windows_" + processor, "windows_x64"] : ["linux_" + processor];
    }

    private List<string> Arguments(string file, IReadOnlyList<string> importPaths, string output)
    {
        // protoc takes files in import paths only, and names them by the first that holds them.
        var folders = importPaths.Select(System.IO.Path.GetFullPath).Append(System.IO.Path.GetDirectoryName(file)!);
        var own = Include is null ? Enumerable.Empty<string>() : [Include];
        return ["--include_imports", "--descriptor_set_out=" + output, .. folders.Concat(own).Distinct().Select(path => "-I" + path), file];
    }

    private async Task Run(List<string> arguments, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Path, arguments) { RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start) ?? throw new EnvironmentException($"{Path} did not start.");
            await using var interrupt = cancellationToken.Register(process.Kill);
            var talk = (await process.StandardError.ReadToEndAsync(CancellationToken.None)).Trim();
            await process.WaitForExitAsync(CancellationToken.None);
            cancellationToken.ThrowIfCancellationRequested();
            if (process.ExitCode != 0)
                throw new ProtoException(talk);
            if (talk.Length > 0)
                Failures.Say($"note: {talk}");
        }
        catch (Win32Exception error)
        {
            var reason = new Win32Exception(error.NativeErrorCode).Message; // without what .NET says of processes
            throw new EnvironmentException($"{Path} cannot be run: {reason}; name another one with --protoc PATH.", error);
        }
    }
}
