using System.Diagnostics;
using MsgNet.Testing;

namespace MsgNet.Samples.Tests;

/// <summary>A sample as its own process, from the build these tests belong to.</summary>
internal sealed class SampleProgram : IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(2);
    private readonly Process process;

    public SampleProgram(string name, params string[] arguments)
    {
        var build = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = RepositoryFiles.PathOf("samples", name, "bin", build.Parent!.Name, build.Name, name + ".dll");
        process = Process.Start(new ProcessStartInfo("dotnet", [program, .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
    }

    public StreamWriter Input => process.StandardInput;

    /// <summary>Waits for its end; fails with all it wrote when it did not succeed.</summary>
    public static async Task<string> Run(string name, params string[] arguments)
    {
        using var program = new SampleProgram(name, arguments);
        var errors = program.process.StandardError.ReadToEndAsync();
        var output = await program.process.StandardOutput.ReadToEndAsync().WaitAsync(Guard);
        await program.process.WaitForExitAsync().WaitAsync(Guard);
        Assert.True(program.process.ExitCode == 0, $"{name} ended with {program.process.ExitCode}:\n{output}{await errors}");
        return output;
    }

    /// <summary>Waits for its end, which must tell of a failure; what it wrote to standard error.</summary>
    public static async Task<string> RunToFailure(string name, params string[] arguments)
    {
        using var program = new SampleProgram(name, arguments);
        return await program.Failure();
    }

    /// <summary>Waits for its end, which must tell of a failure; what it wrote to standard error.</summary>
    public async Task<string> Failure()
    {
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync().WaitAsync(Guard);
        await process.WaitForExitAsync().WaitAsync(Guard);
        Assert.True(process.ExitCode == 1, $"The program ended with {process.ExitCode}:\n{await output}{errors}");
        return errors;
    }

    /// <summary>Its next line that matches, however many come before.</summary>
    public async Task<string> ReadLine(Func<string, bool> condition)
    {
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Guard) is { } line)
        {
            if (condition(line))
                return line;
        }

        throw new InvalidOperationException($"The program ended without that line: {await process.StandardError.ReadToEndAsync()}");
    }

    public void Dispose()
    {
        process.Kill();
        process.Dispose();
    }
}
