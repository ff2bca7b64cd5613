using System.CommandLine;
using System.Globalization;
using MsgNet.Cli.Workloads;

namespace MsgNet.Cli.Commands;

/// <summary><c>bench</c>: how fast messages go, and what they cost. CLI-064, CLI-065.</summary>
internal static class BenchCommand
{
    private static readonly TimeSpan SecondsDefault = TimeSpan.FromSeconds(5);
    private static readonly string[] Transports = ["udp", "msp", "memory"];
    private static readonly string[] LaterTransports = ["tcp", "mdp"];

    public static Command Create()
    {
        var common = new CommonOptions();
        var transport = new Option<string>("--transport") { Description = "udp, msp or memory.", HelpName = "T", Required = true }
            .WithCompletions(Transports);
        transport.Validators.Add(result =>
        {
            var name = result.Tokens.Count > 0 ? result.Tokens[0].Value : "";
            if (LaterTransports.Contains(name))
                result.AddError($"--transport {name} is not in this release; take udp, msp or memory");
            else if (!Transports.Contains(name))
                result.AddError($"--transport takes udp, msp or memory, not '{name}'");
        });
        var size = Options.Size("--size", "Bytes of a message.", 256, 0, DeliveryWords.SizeMax(Delivery.Reliable));
        var seconds = Options.Seconds("--seconds", "How long to measure, after a warm-up. Default 5.");
        var delivery = Options.Delivery();
        var latency = new Option<bool>("--latency") { Description = "Measure round trips too, one at a time, for as long again." };
        var peers = Options.Count("--peers", "Hosts that send at once.", 1, 1, 256);
        var command = new Command("bench", "Measure messages per second, and their cost, between two processes on loopback.")
        {
            transport, size, seconds, delivery, latency, peers,
        }.WithExample("msgnet bench --transport udp --size 256 --seconds 5 --latency");
        common.AddTo(command);
        command.SetAction((parsed, interrupt) => Failures.Guard(
            async () =>
            {
                var name = parsed.GetRequiredValue(transport);
                var wanted = DeliveryOf(name, parsed.GetResult(delivery) is { Implicit: false } ? parsed.GetValue(delivery) : null);
                var bench = new Bench(
                    name,
                    parsed.GetSize(size, wanted),
                    parsed.GetValue(seconds) ?? SecondsDefault,
                    wanted,
                    parsed.GetValue(peers));
                var listen = parsed.GetValue(common.Listen) ?? [];
                await using IBenchReceiver receiver = name == "memory"
                    ? await MemoryReceiver.Open()
                    : await ProcessReceiver.Open(listen.Length > 0 ? listen : ["/ip4/127.0.0.1/udp/0"], interrupt);
                var running = bench.Run(receiver, parsed.GetValue(common.Identity)?.FullName, parsed.GetValue(latency), interrupt);
                var line = await Spinner.While("measuring", running);
                new Output(parsed.GetValue(common.Json)).Write(line, Text(line));
                return ExitCodes.Done;
            },
            interrupted: ExitCodes.Failed));
        return command;
    }

    // CLI-066
    private static Delivery DeliveryOf(string transport, Delivery? given) => (transport, given) switch
    {
        ("msp", Delivery.Unreliable) => throw new UsageException(
            "--transport msp takes --delivery reliable or ordered; for unreliable messages take --transport udp."),
        ("udp", not null and not Delivery.Unreliable) => throw new UsageException(
            "--transport udp takes --delivery unreliable; for reliable messages take --transport msp."),
        ("msp", null) => Delivery.Reliable,
        _ => given ?? Delivery.Unreliable,
    };

    private static string Text(BenchLine line)
    {
        var text = string.Create(
            CultureInfo.InvariantCulture,
            $"{line.Transport}, {line.Delivery}, {line.Size} B: {line.MessagesPerSecond:N0} messages/s, {line.MegabytesPerSecond:F2} MB/s, "
            + $"{line.CpuNanosecondsPerMessage:F0} ns CPU and {line.AllocatedBytesPerMessage:F1} B allocated per message (both ends)");
        return line.MedianMicroseconds is null ? text : string.Create(
            CultureInfo.InvariantCulture, $"{text}; round trip median {line.MedianMicroseconds} µs, p99 {line.P99Microseconds} µs");
    }
}
