using System.Buffers.Binary;

namespace MsgNet.EndToEnd;

public sealed class SimulationTests
{
    private static readonly string[] ResultNames =
    [
        "event", "seed", "traceHash", "sent", "delivered", "lost", "duplicated", "reordered", "virtualSeconds",
        "wallSeconds", "goodputBytesPerSecond",
    ];

    [Fact]
    [Covers("CLI-061", "CLI-062", "CLI-010")]
    public async Task One_seed_is_one_run()
    {
        string[] arguments =
        [
            "sim", "--nodes", "3", "--messages", "300", "--size", "1k", "--loss", "20%", "--delay", "20ms", "--jitter", "5ms",
            "--duplicate", "0.1", "--seed", "7", "--json",
        ];

        var first = Assert.Single((await Msgnet.Run(arguments)).Expect(0).Events);
        var again = Assert.Single((await Msgnet.Run(arguments)).Expect(0).Events);
        arguments[^2] = "8";
        var other = Assert.Single((await Msgnet.Run(arguments)).Expect(0).Events);

        Assert.Equal(ResultNames, first.Names());
        foreach (var name in ResultNames.Except(["event", "wallSeconds"]))
            Assert.Equal(first.GetProperty(name).ToString(), again.GetProperty(name).ToString());
        Assert.NotEqual(first.Text("traceHash"), other.Text("traceHash"));
        Assert.Equal((7, 300, 0), (first.Number("seed"), first.Number("sent"), first.Number("duplicated")));
        Assert.Equal(first.Number("sent"), first.Number("delivered") + first.Number("lost"));
        Assert.InRange(first.Number("lost"), 15, 150);
    }

    [Fact]
    [Covers("CLI-061")]
    public async Task Nothing_is_lost_where_nothing_gets_lost()
    {
        var result = Assert.Single((await Msgnet.Run("sim", "--seed", "1", "--messages", "200", "--json")).Expect(0).Events);

        Assert.Equal((200, 0), (result.Number("delivered"), result.Number("lost")));
        Assert.InRange(result.Real("goodputBytesPerSecond"), 1, double.MaxValue);
    }

    [Fact]
    [Covers("CLI-063")]
    public async Task Every_datagram_is_captured()
    {
        using var folder = new TemporaryFolder();
        var file = folder.PathOf("run.pcap");

        (await Msgnet.Run("sim", "--seed", "1", "--messages", "50", "--size", "1000", "--pcap", file)).Expect(0);

        var bytes = await File.ReadAllBytesAsync(file);
        Assert.Equal([0xD4, 0xC3, 0xB2, 0xA1, 2, 0, 4, 0], bytes[..8]);
        var records = 0;
        var position = 24;
        while (position < bytes.Length)
        {
            position += 16 + BinaryPrimitives.ReadInt32LittleEndian(bytes.AsSpan(position + 8));
            records++;
        }

        Assert.Equal(bytes.Length, position);
        Assert.InRange(records, 50, 1_000);
    }

    [Fact]
    [Covers("CLI-009")]
    public async Task A_delivery_this_release_cannot_serve_is_a_failure()
    {
        var result = (await Msgnet.Run("sim", "--delivery", "reliable", "--json")).Expect(1);

        Assert.Contains("No transport gives", result.Errors, StringComparison.Ordinal);
    }
}
