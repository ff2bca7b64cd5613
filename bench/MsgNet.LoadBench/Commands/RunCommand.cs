using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using MsgNet.LoadBench.Measures;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Commands;

/// <summary><c>run</c>: measures and writes a file.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var output = new Option<FileInfo>("--output", "-o") { Description = "The JSON file to write.", Required = true };
        var quick = new Option<bool>("--quick") { Description = "A smoke run: everything once, for a moment." };
        var only = new Option<MeasureKind[]>("--only") { Description = "Measure this kind only; repeatable." };
        var who = new Option<string>("--who") { Description = "Only contestants whose name contains this." };
        var link = new Option<string>("--link") { Description = "Only links whose name contains this: \"20 ms, 1 %\"." };
        var rounds = new Option<int?>("--rounds") { Description = "Rounds, in place of the plan's." };
        var command = new Command("run", "Measure every contestant in turn and write all samples.")
        {
            output, quick, only, who, link, rounds,
        };
        command.SetAction(async (parsed, interrupt) =>
        {
            var plan = parsed.GetValue(quick) ? Plan.Quick : Plan.Full;
            plan = plan with
            {
                Kinds = parsed.GetValue(only) ?? [],
                Contestants = parsed.GetValue(who) ?? "",
                Links = parsed.GetValue(link) ?? "",
                Rounds = parsed.GetValue(rounds) ?? plan.Rounds,
                LinkRounds = parsed.GetValue(rounds) ?? plan.LinkRounds,
                LongLinkRounds = parsed.GetValue(rounds) ?? plan.LongLinkRounds,
            };
            var run = new RunFile
            {
                Date = DateTime.UtcNow.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture),
                Commit = Commit(),
                Machine = Machine.Read(),
                IsQuick = plan.IsQuick,
            };
            await Console.Error.WriteLineAsync($"This takes about {PlannedTime.Of(plan):mm\\:ss} minutes.");
            var begin = Stopwatch.GetTimestamp();
            var suite = new Suite(plan, line => Say(begin, line));
            try
            {
                await suite.Run(interrupt);
            }
            finally
            {
                // What was measured until somebody interrupts is worth keeping.
                (run with { Samples = suite.Samples }).Write(parsed.GetRequiredValue(output).FullName);
            }

            return 0;
        });
        return command;
    }

    private static void Say(long begin, string line) => Console.Error.WriteLine(
        string.Create(CultureInfo.InvariantCulture, $"{Stopwatch.GetElapsedTime(begin).TotalSeconds,6:F1} s  {line}"));

    private static string Commit()
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo("git", "rev-parse --short HEAD") { RedirectStandardOutput = true })!;
            var commit = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? commit : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown";
        }
    }
}
