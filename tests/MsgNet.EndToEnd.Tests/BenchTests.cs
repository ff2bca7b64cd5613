using System.Diagnostics;

namespace MsgNet.EndToEnd;

public sealed class BenchTests
{
    private static readonly TimeSpan ChildMax = TimeSpan.FromSeconds(30);
    private static readonly string[] ResultNames =
    [
        "event", "transport", "delivery", "size", "messagesPerSecond", "megabytesPerSecond",
        "cpuNanosecondsPerMessage", "allocatedBytesPerMessage",
    ];

    [Theory]
    [Covers("CLI-064", "CLI-065")]
    [InlineData("udp", 256)]
    [InlineData("udp", 0)]
    [InlineData("memory", 256)]
    public async Task It_measures_for_a_second(string transport, int size)
    {
        var run = await Msgnet.Run("bench", "--transport", transport, "--size", $"{size}", "--seconds", "1", "--json");
        var result = Assert.Single(run.Expect(0).Events);

        Assert.Equal(ResultNames, result.Names());
        Assert.Equal(("result", transport), (result.Text("event"), result.Text("transport")));
        Assert.Equal(("unreliable", size), (result.Text("delivery"), result.Number("size")));
        Assert.InRange(result.Real("messagesPerSecond"), 1, double.MaxValue);
        Assert.InRange(result.Real("cpuNanosecondsPerMessage"), 1, double.MaxValue);
        Assert.Equal(result.Real("messagesPerSecond") * size / 1e6, result.Real("megabytesPerSecond"), tolerance: 0.01);
    }

    [Theory]
    [Covers("CLI-066", "CLI-065")]
    [InlineData("reliable", 1_200)]
    [InlineData("reliable", 65_536)]
    [InlineData("ordered", 32)]
    public async Task Over_msp_it_measures_reliable_messages(string delivery, int size)
    {
        string[] arguments = ["bench", "--transport", "msp", "--size", $"{size}", "--seconds", "500ms", "--latency", "--json"];
        string[] asked = delivery == "reliable" ? arguments : [.. arguments, "--delivery", delivery];
        var result = Assert.Single((await Msgnet.Run(asked)).Expect(0).Events);

        Assert.Equal(("msp", delivery, size), (result.Text("transport"), result.Text("delivery"), result.Number("size")));
        Assert.InRange(result.Real("messagesPerSecond"), 1, double.MaxValue);
        Assert.InRange(result.Real("medianMicroseconds"), 1, result.Real("p99Microseconds"));
    }

    [Fact]
    [Covers("CLI-065")]
    public async Task With_latency_it_measures_round_trips_too()
    {
        var result = Assert.Single((await Msgnet.Run(
            "bench", "--transport", "udp", "--size", "32", "--seconds", "500ms", "--peers", "2", "--latency", "--json")).Expect(0).Events);

        Assert.Equal([.. ResultNames, "medianMicroseconds", "p99Microseconds"], result.Names());
        Assert.InRange(result.Real("medianMicroseconds"), 1, result.Real("p99Microseconds"));
    }

    [Fact]
    [Covers("CLI-064")]
    public async Task The_other_process_ends_with_it()
    {
        await using var bench = Msgnet.Start("bench", "--transport", "udp", "--seconds", "1m");
        var child = await Child(bench.Id);

        bench.Interrupt();
        (await bench.End()).Expect(1);

        // Ended, or a zombie that nobody has collected yet.
        var status = $"/proc/{child}/stat";
        Assert.True(!File.Exists(status) || (await File.ReadAllTextAsync(status)).Contains(") Z ", StringComparison.Ordinal));
    }

    private static async Task<int> Child(int parent)
    {
        var start = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(start) < ChildMax)
        {
            foreach (var status in Directory.GetDirectories("/proc").Select(folder => Path.Combine(folder, "stat")).Where(File.Exists))
            {
                try
                {
                    var text = await File.ReadAllTextAsync(status);
                    var fields = text[(text.LastIndexOf(')') + 2)..].Split(' ');
                    if (fields[1] == $"{parent}")
                        return int.Parse(text.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture);
                }
                catch (IOException)
                {
                    // A process that ended while it was looked at.
                }
            }
        }

        throw new Xunit.Sdk.XunitException($"bench (process {parent}) started no child process within {ChildMax}.");
    }
}
