using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using MsgNet.Testing;

namespace MsgNet.Samples.Tests;

/// <summary>The worker as its users run it: started, asked, watched by a collector, stopped by the system's signal.</summary>
public sealed partial class WorkerTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromMinutes(2);

    [Fact]
    [Covers("API-131")]
    [Covers("API-134")]
    public async Task Worker_starts_answers_exports_and_stops_on_the_signal()
    {
        using var collector = Listen(out var endpoint);
        var exported = Collect(collector);
        using var worker = Start(endpoint);
        var output = new StringBuilder();
        var started = await ReadUntil(worker, output, line => line.Contains("/p2p/", StringComparison.Ordinal));
        var address = Multiaddress.Parse(Address().Match(started).Value);
        Assert.True(address.TryGetPeerId(out var peer));
        await using (var client = await MessageHost.Start())
        {
            client.Network.Peerstore.AddAddress(peer, address);
            var reply = await client.Request(peer, "/greet/1.0.0", "hi"u8.ToArray()).AsTask().WaitAsync(Guard);
            Assert.Equal($"hello, {client.Id}", Encoding.UTF8.GetString(reply.Data.Span));
        }

        await ReadUntil(worker, output, line => line.Contains("msgnet is Healthy: Listens", StringComparison.Ordinal));
        using (var kill = Process.Start("kill", ["-TERM", $"{worker.Id}"]))
            await kill.WaitForExitAsync().WaitAsync(Guard);
        output.Append(await worker.StandardOutput.ReadToEndAsync().WaitAsync(Guard));
        await worker.WaitForExitAsync().WaitAsync(Guard);
        Assert.True(worker.ExitCode == 0, $"ended with {worker.ExitCode}:\n{output}");
        Assert.Contains("Greeting 12D3Koo", output.ToString(), StringComparison.Ordinal);
        Assert.Matches(@"Host \S+ closed: \d+ datagrams received", output.ToString());
        collector.Stop();
        var seen = await exported.WaitAsync(Guard);
        Assert.Contains("messaging.client.consumed.messages", seen["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("msgnet.datagrams", seen["/v1/metrics"], StringComparison.Ordinal);
        Assert.Contains("process /greet/1.0.0", seen["/v1/traces"], StringComparison.Ordinal);
    }

    private static HttpListener Listen(out string endpoint)
    {
        // HttpListener does not choose a port, and is of no use once it found its port taken.
        for (var port = 20_000 + (Environment.ProcessId % 20_000); ; port++)
        {
            endpoint = $"http://127.0.0.1:{port}/";
            var collector = new HttpListener { Prefixes = { endpoint } };
            try
            {
                collector.Start();
                return collector;
            }
            catch (HttpListenerException) when (port < 60_000)
            {
            }
        }
    }

    /// <summary>What was posted, by path, until the collector stops. Names stand in protobuf as they are.</summary>
    private static async Task<Dictionary<string, string>> Collect(HttpListener collector)
    {
        var seen = new Dictionary<string, string>();
        while (true)
        {
            HttpListenerContext request;
            try
            {
                request = await collector.GetContextAsync();
            }
            catch (Exception stopped) when (stopped is HttpListenerException or ObjectDisposedException)
            {
                return seen;
            }

            using var body = new StreamReader(request.Request.InputStream, Encoding.Latin1);
            var path = request.Request.Url!.AbsolutePath;
            seen[path] = seen.GetValueOrDefault(path, "") + await body.ReadToEndAsync();
            request.Response.ContentType = "application/x-protobuf";
            request.Response.Close();
        }
    }

    private static Process Start(string endpoint)
    {
        var build = new DirectoryInfo(AppContext.BaseDirectory.TrimEnd(Path.DirectorySeparatorChar));
        var program = RepositoryFiles.PathOf("samples", "worker", "bin", build.Parent!.Name, build.Name, "worker.dll");
        return Process.Start(new ProcessStartInfo("dotnet", [program])
        {
            RedirectStandardOutput = true,
            Environment =
            {
                ["OTEL_EXPORTER_OTLP_ENDPOINT"] = endpoint,
                ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
            },
        })!;
    }

    private static async Task<string> ReadUntil(Process process, StringBuilder output, Func<string, bool> condition)
    {
        while (await process.StandardOutput.ReadLineAsync().WaitAsync(Guard) is { } line)
        {
            output.AppendLine(line);
            if (condition(line))
                return line;
        }

        throw new InvalidOperationException($"The worker ended without that line:\n{output}");
    }

    [GeneratedRegex(@"/ip4/\S+/p2p/\w+")]
    private static partial Regex Address();
}
