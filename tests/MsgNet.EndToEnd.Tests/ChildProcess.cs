using System.Diagnostics;
using System.Text;

namespace MsgNet.EndToEnd;

/// <summary>Some process that a test starts. Disposing it ends the process.</summary>
internal sealed class ChildProcess : IDisposable
{
    // Builds run here, on machines that may do something else meanwhile; nothing waits for it when all is well.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private readonly Process process;

    public ChildProcess(string program, string folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        process = Process.Start(start)!;
        process.StandardInput.Close();
    }

    /// <summary>Runs it to its end.</summary>
    public static async Task<(int Code, string Output)> Run(
        string program, string folder, IReadOnlyDictionary<string, string?> environment, params string[] arguments)
    {
        using var child = new ChildProcess(program, folder, environment, arguments);
        var errors = child.process.StandardError.ReadToEndAsync();
        var output = await child.process.StandardOutput.ReadToEndAsync().WaitAsync(Patience);
        await child.process.WaitForExitAsync().WaitAsync(Patience);
        return (child.process.ExitCode, output + await errors);
    }

    /// <summary>The next line of its standard output that begins so.</summary>
    public async Task<string> ReadLine(string beginning)
    {
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Patience) is { } line)
        {
            if (line.StartsWith(beginning, StringComparison.Ordinal))
                return line;
        }

        throw new InvalidOperationException($"It ended without '{beginning}…': {await process.StandardError.ReadToEndAsync()}");
    }

    public void Dispose()
    {
        process.Kill(entireProcessTree: true);
        process.WaitForExit();
        process.Dispose();
    }
}
