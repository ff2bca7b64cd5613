using System.Globalization;
using Google.Protobuf;

namespace MsgNet.Benchmarks.Loads;

/// <summary>The process of the servers; does what the lines of its input say, until that ends.</summary>
internal sealed class ServerProcess
{
    /// <summary>Broadcasts under way at once, and how many of them an acknowledgement stands for.</summary>
    public const int Window = 32, PerAcknowledgement = 8;

    private readonly IBenchServer[] servers;
    private readonly SemaphoreSlim window = new(Window);
    private CancellationTokenSource stop = new();
    private Task work = Task.CompletedTask;

    private ServerProcess(IBenchServer[] servers) => this.servers = servers;

    public static async Task Run(TextReader input, TextWriter output)
    {
        var process = new ServerProcess([await MessiBenchServer.Start(), new TcpBenchServer()]);
        await output.WriteLineAsync(string.Join(' ', process.servers.Select(server => server.Port)));
        await output.FlushAsync();
        while (await input.ReadLineAsync() is { } line)
        {
            if (await process.Do(line.Split(' ')) is not { } answer)
                continue;

            await output.WriteLineAsync(answer);
            await output.FlushAsync();
        }

        foreach (var server in process.servers)
            await server.DisposeAsync();
    }

    private async Task<string?> Do(string[] line)
    {
        switch (line)
        {
            case ["stats", var kind]:
                return ProcessStats.Take(ServerOf(kind).Received).ToString();
            case ["flood", var kind, var size]:
                Begin(stopped => ServerOf(kind).Flood(MessageOf(size), stopped));
                return null;
            case ["broadcast", var kind, var size]:
                Begin(stopped => Broadcast(ServerOf(kind), MessageOf(size), stopped));
                return null;
            case ["ack"]:
                window.Release(PerAcknowledgement);
                return null;
            case ["stop"]:
                await stop.CancelAsync();
                await work;
                return "stopped";
            default:
                throw new InvalidOperationException($"No such command: {string.Join(' ', line)}.");
        }
    }

    private void Begin(Func<CancellationToken, Task> what)
    {
        stop = new CancellationTokenSource();
        work = Task.Run(() => what(stop.Token));
    }

    private async Task Broadcast(IBenchServer server, LoadInd message, CancellationToken stopped)
    {
        // What came too late for the last run.
        while (window.CurrentCount > 0)
            await window.WaitAsync(CancellationToken.None);
        window.Release(Window);
        try
        {
            while (true)
            {
                await window.WaitAsync(stopped);
                message.Number++;
                await server.Broadcast(message);
            }
        }
        catch (OperationCanceledException)
        {
            // It was told to stop.
        }
    }

    private IBenchServer ServerOf(string kind) => servers[(int)Enum.Parse<Transport>(kind)];

    private static LoadInd MessageOf(string size)
        => new() { Payload = ByteString.CopyFrom(new byte[int.Parse(size, CultureInfo.InvariantCulture)]) };
}
