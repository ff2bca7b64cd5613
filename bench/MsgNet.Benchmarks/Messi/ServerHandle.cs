using System.Diagnostics;
using System.Globalization;

namespace MsgNet.Benchmarks.Loads;

/// <summary>The process of the servers, as the measuring one sees it.</summary>
internal sealed class ServerHandle : IAsyncDisposable
{
    private readonly Process process;
    private readonly int[] ports;

    private ServerHandle(Process process, int[] ports)
    {
        this.process = process;
        this.ports = ports;
    }

    public static async Task<ServerHandle> Start()
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        };
        if (Path.GetFileNameWithoutExtension(Environment.ProcessPath) == "dotnet")
            start.ArgumentList.Add(typeof(ServerHandle).Assembly.Location);
        start.ArgumentList.Add("messi-server");
        var process = Process.Start(start)!;
        var ports = await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The servers did not start.");
        return new ServerHandle(process, Array.ConvertAll(ports.Split(' '), port => int.Parse(port, CultureInfo.InvariantCulture)));
    }

    public int PortOf(Transport transport) => ports[(int)transport];

    public async Task<ProcessStats> Stats(Transport transport) => ProcessStats.Parse(await Ask($"stats {transport}"));

    public void Tell(string line)
    {
        lock (process)
            process.StandardInput.WriteLine(line);
    }

    public async Task<string> Ask(string line)
    {
        Tell(line);
        return await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("The servers have ended.");
    }

    public async ValueTask DisposeAsync()
    {
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        process.Dispose();
    }
}
