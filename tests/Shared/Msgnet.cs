using System.Collections.Concurrent;
using System.Diagnostics;
using System.Reflection;
using System.Text;
using System.Text.Json;

namespace MsgNet.Testing;

/// <summary>One process of the built command line. Disposing it ends the process.</summary>
internal sealed class Msgnet : IAsyncDisposable
{
    // Long enough for a machine that builds something else meanwhile; nothing waits for it when all is well.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly Process process;
    private readonly BlockingCollection<string> output = [];
    private readonly StringBuilder errors = new();
    private readonly List<string> lines = [];
    private readonly Task reading;

    private Msgnet(Process process)
    {
        this.process = process;
        reading = Task.WhenAll(Task.Run(ReadOutput), Task.Run(ReadErrors));
    }

    /// <summary>The program, as it is built in this configuration.</summary>
    public static string Program { get; } = typeof(Msgnet).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>()
        .Single(attribute => attribute.Key == "MsgNetCli").Value!;

    public int Id => process.Id;

    public StreamWriter Input => process.StandardInput;

    /// <summary>What was written to standard error so far.</summary>
    public string Errors
    {
        get
        {
            lock (errors)
                return errors.ToString();
        }
    }

    /// <summary>Lines of standard output that were read so far.</summary>
    public IReadOnlyList<string> Lines => lines;

    /// <summary>Starts a process.</summary>
    public static Msgnet Start(params string[] arguments) => StartUnder([], arguments);

    /// <summary>Starts a process with another program, which must replace itself by it, in front: <c>ip netns exec</c>.</summary>
    public static Msgnet StartUnder(string[] wrapper, params string[] arguments)
    {
        // A test run in the background of a shell inherits an ignored SIGINT, and would hand it on.
        string[] shield = OperatingSystem.IsLinux() ? ["env", "--default-signal=INT"] : [];
        string[] command = [.. wrapper, .. shield, "dotnet", "exec", Program];
        var start = new ProcessStartInfo(command[0])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var argument in command.Skip(1).Concat(arguments))
            start.ArgumentList.Add(argument);
        return new Msgnet(Process.Start(start)!);
    }

    /// <summary>Runs a process to its end, with nothing on its standard input.</summary>
    public static async Task<Result> Run(params string[] arguments) => await RunWithInput("", arguments);

    /// <summary>Runs a process to its end.</summary>
    public static async Task<Result> RunWithInput(string input, params string[] arguments)
    {
        await using var msgnet = Start(arguments);
        await msgnet.Input.WriteAsync(input);
        msgnet.Input.Close();
        return await msgnet.End();
    }

    /// <summary>The next line of standard output, as JSON.</summary>
    public JsonElement ReadEvent()
    {
        if (!output.TryTake(out var line, Patience))
            throw new TimeoutException($"No line within {Patience}. Standard error: {Errors}");

        lines.Add(line);
        return Parse(line);
    }

    /// <summary>Reads until a line that is this event.</summary>
    public JsonElement ReadEvent(string name)
    {
        while (true)
        {
            var read = ReadEvent();
            if (read.GetProperty("event").GetString() == name)
                return read;
        }
    }

    /// <summary>The IPv4 loopback address of the <c>listening</c> lines that come first.</summary>
    public string ReadAddress() => ReadAddress("/ip4/127.0.0.1/");

    /// <summary>The first address of the <c>listening</c> lines that begins so.</summary>
    public string ReadAddress(string start)
    {
        while (true)
        {
            var address = ReadEvent("listening").GetProperty("address").GetString()!;
            if (address.StartsWith(start, StringComparison.Ordinal))
                return address;
        }
    }

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Signal("INT");

    public void Signal(string name)
    {
        using var kill = Process.Start("kill", [$"-{name}", $"{process.Id}"]);
        kill.WaitForExit();
        Assert.Equal(0, kill.ExitCode);
    }

    /// <summary>Waits for the process to end by itself.</summary>
    public async Task<Result> End()
    {
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"msgnet did not end within {Patience}. Standard error: {Errors}");
        }

        await reading;
        lines.AddRange(output.GetConsumingEnumerable());
        return new Result(process.ExitCode, lines, Errors);
    }

    public async ValueTask DisposeAsync()
    {
        if (!process.HasExited)
            process.Kill(entireProcessTree: true);
        await process.WaitForExitAsync();
        await reading;
        process.Dispose();
        output.Dispose();
    }

    internal static JsonElement Parse(string line)
    {
        using var document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    private void ReadOutput()
    {
        while (process.StandardOutput.ReadLine() is { } line)
            output.Add(line);
        output.CompleteAdding();
    }

    private void ReadErrors()
    {
        while (process.StandardError.ReadLine() is { } line)
        {
            lock (errors)
                errors.AppendLine(line);
        }
    }

    /// <summary>How a process ended.</summary>
    internal sealed record Result(int ExitCode, IReadOnlyList<string> Lines, string Errors)
    {
        /// <summary>Standard output, every line of which must be a JSON object.</summary>
        public IReadOnlyList<JsonElement> Events => [.. Lines.Select(Parse)];

        public JsonElement Single(string name) => Events.Single(line => line.GetProperty("event").GetString() == name);

        /// <summary>Checks the exit code, and shows what the process said when it is another.</summary>
        public Result Expect(int exitCode)
        {
            Assert.True(ExitCode == exitCode, $"exit code {ExitCode}, not {exitCode}\n{string.Join('\n', Lines)}\n{Errors}");
            return this;
        }
    }
}
