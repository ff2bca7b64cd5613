using System.CommandLine;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using MsgNet.Cli.Workloads;

namespace MsgNet.Cli.Commands;

/// <summary>The receiving process of <c>bench</c>; hidden, because only <see cref="ProcessReceiver"/> starts it.</summary>
internal static class BenchReceiverCommand
{
    public const string Name = "bench-receiver";

    public static Command Create()
    {
        var common = new CommonOptions();
        var command = new Command(Name, "The receiving end of bench.") { Hidden = true }.WithExample("msgnet bench --transport udp");
        common.AddTo(command);
        command.SetAction((parsed, interrupt) => Failures.Guard(
            async () =>
            {
                // What is dropped here was sent and not received: the figures say it, and warnings would slow them down.
                await using var opened = await OpenHost.Open(
                    parsed, common, listens: true, TimeSpan.FromSeconds(10), LogLevel.Error, interrupt);
                var counter = new MessageCounter(opened.Host);
                using var answers = new StreamWriter(Console.OpenStandardOutput()) { AutoFlush = true };
                foreach (var address in opened.Host.Addresses)
                    await answers.WriteLineAsync(address.ToString());
                await answers.WriteLineAsync();

                await foreach (var line in InputLines.Read(interrupt))
                    await answers.WriteLineAsync(Answer(counter, Encoding.UTF8.GetString(line)));
                return ExitCodes.Done;
            },
            interrupted: ExitCodes.Done));
        return command;
    }

    private static string Answer(MessageCounter counter, string order)
    {
        if (order == "stop")
            return JsonSerializer.Serialize(counter.Stop(), JsonEventContext.Lines.ReceiverLine);

        counter.Start();
        return "";
    }
}
