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

    [Theory]
    [Covers("CLI-061", "CLI-009")]
    [InlineData("reliable")]
    [InlineData("ordered")]
    public async Task Reliable_messages_all_arrive_once(string delivery)
    {
        var result = Assert.Single((await Msgnet.Run(
            "sim", "--nodes", "3", "--messages", "500", "--loss", "20%", "--jitter", "5ms", "--duplicate", "10%",
            "--delivery", delivery, "--seed", "7", "--json")).Expect(0).Events);

        Assert.Equal((500, 500, 0), (result.Number("sent"), result.Number("delivered"), result.Number("lost")));
        Assert.Equal(0, result.Number("duplicated"));
        if (delivery == "ordered")
            Assert.Equal(0, result.Number("reordered"));
        else
            Assert.InRange(result.Number("reordered"), 1, 500);
    }

    [Fact]
    [Covers("CLI-061")]
    public async Task A_message_above_64_KiB_needs_a_reliable_delivery()
    {
        string[] arguments = ["sim", "--size", "300k", "--messages", "5", "--loss", "5%", "--seed", "1", "--json"];

        var refused = (await Msgnet.Run(arguments)).Expect(64);
        var result = Assert.Single((await Msgnet.Run([.. arguments, "--delivery", "ordered"])).Expect(0).Events);

        Assert.Contains("65535", refused.Errors, StringComparison.Ordinal);
        Assert.Equal((5, 0), (result.Number("delivered"), result.Number("duplicated")));
    }
}
