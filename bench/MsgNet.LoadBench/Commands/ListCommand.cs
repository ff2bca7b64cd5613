using System.CommandLine;
using MsgNet.LoadBench.Contestants;
using MsgNet.LoadBench.Measures;
using Spectre.Console;

namespace MsgNet.LoadBench.Commands;

/// <summary><c>list</c>: who takes part, who cannot, and how long it takes.</summary>
internal static class ListCommand
{
    public static Command Create()
    {
        var command = new Command("list", "Show who takes part, and what is missing on this machine.");
        command.SetAction(_ =>
        {
            var table = new Table().AddColumns("Contestant", "Here");
            foreach (var contestant in Roster.All)
                table.AddRow(Markup.Escape(contestant.Name), Markup.Escape(contestant.Missing ?? "yes"));
            AnsiConsole.Write(table);
            var (whole, smoke) = (PlannedTime.Of(Plan.Full), PlannedTime.Of(Plan.Quick));
            AnsiConsole.WriteLine($"A whole run takes about {whole:mm\\:ss} minutes, a smoke run {smoke:mm\\:ss}.");
        });
        return command;
    }
}
