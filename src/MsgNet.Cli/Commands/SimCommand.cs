using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using MsgNet.Cli.Workloads;
using MsgNet.Simulation;
using Spectre.Console;

namespace MsgNet.Cli.Commands;

/// <summary><c>sim</c>: the real stack on a network that exists in virtual time only. CLI-061 to CLI-063.</summary>
internal static class SimCommand
{
    private static readonly TimeSpan LinkTimeMax = TimeSpan.FromHours(1);

    public static Command Create()
    {
        var nodes = Options.Count("--nodes", "Hosts.", 2, 2, 1_000);
        var messages = Options.Count("--messages", "Messages, each from one random host to another.", 1_000, 1, 10_000_000);
        var size = Options.Size("--size", "Bytes of a message.", 1_000, SimulatedTraffic.SizeMin, DeliveryWords.SizeMax(Delivery.Reliable));
        var loss = Options.Percent("--loss", "Datagrams lost, such as 20%.");
        var delay = Options.Duration("--delay", "How long a datagram takes. Default 20ms.", LinkTimeMax);
        var jitter = Options.Duration("--jitter", "How much longer it may take, at random. Default 0ms.", LinkTimeMax);
        var duplicate = Options.Percent("--duplicate", "Datagrams that arrive twice.");
        var seed = Options.Seed();
        var delivery = Options.Delivery();
        var pcap = new Option<FileInfo?>("--pcap")
        {
            Description = "Write every datagram to a capture file.",
            HelpName = "FILE",
            CustomParser = Options.ReadFile,
        };
        var json = CommonOptions.JsonOption();
        var command = new Command("sim", "Run the real stack in a simulated network, in virtual time.")
        {
            nodes, messages, size, loss, delay, jitter, duplicate, seed, delivery, pcap, json,
        }.WithExample("msgnet sim --nodes 2 --loss 20% --seed 7");
        command.SetAction((parsed, interrupt) => Failures.Guard(
            async () =>
            {
                var link = new LinkOptions
                {
                    Loss = parsed.GetValue(loss),
                    Delay = parsed.GetValue(delay) ?? TimeSpan.FromMilliseconds(20),
                    Jitter = parsed.GetValue(jitter) ?? TimeSpan.Zero,
                    Duplicate = parsed.GetValue(duplicate),
                };
                var traffic = new SimulatedTraffic(
                    parsed.GetValue(seed) ?? BitConverter.ToUInt32(RandomNumberGenerator.GetBytes(4)),
                    link,
                    parsed.GetValue(nodes),
                    parsed.GetValue(messages),
                    parsed.GetSize(size, parsed.GetValue(delivery)),
                    parsed.GetValue(delivery));

                // The simulation keeps its thread until it ends; an interrupt leaves it to the end of the process.
                var running = Task.Run(() => Capture(traffic, parsed.GetValue(pcap)), CancellationToken.None).WaitAsync(interrupt);
                var line = await Spinner.While($"simulating {parsed.GetValue(messages)} messages", running);
                new Output(parsed.GetValue(json)).Write(line, Table(line));
                return ExitCodes.Done;
            },
            interrupted: ExitCodes.Failed));
        return command;
    }

    private static SimLine Capture(SimulatedTraffic traffic, FileInfo? pcap)
    {
        if (pcap is null)
            return traffic.Run(capture: null);

        using var file = new FileStream(pcap.FullName, FileMode.Create, FileAccess.Write);
        return traffic.Run(file);
    }

    private static string Table(SimLine line)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumns("what", "how much");
        table.AddRow("seed", Number(line.Seed));
        table.AddRow("trace hash", line.TraceHash);
        table.AddRow("sent", Number(line.Sent));
        table.AddRow("delivered", Number(line.Delivered));
        table.AddRow("lost", string.Create(CultureInfo.InvariantCulture, $"{line.Lost} ({(double)line.Lost / line.Sent:P1})"));
        table.AddRow("duplicated", Number(line.Duplicated));
        table.AddRow("reordered", Number(line.Reordered));
        table.AddRow("virtual time", string.Create(CultureInfo.InvariantCulture, $"{line.VirtualSeconds:F3} s"));
        table.AddRow("wall time", string.Create(CultureInfo.InvariantCulture, $"{line.WallSeconds:F3} s"));
        table.AddRow("goodput", string.Create(CultureInfo.InvariantCulture, $"{line.GoodputBytesPerSecond:F0} B/s"));
        using var text = new StringWriter();
        var settings = new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Out = new AnsiConsoleOutput(text),
        };
        AnsiConsole.Create(settings).Write(table);
        return string.Join('\n', text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(row => row.TrimEnd()));
    }

    private static string Number(ulong number) => number.ToString(CultureInfo.InvariantCulture);

    private static string Number(long number) => number.ToString(CultureInfo.InvariantCulture);
}
