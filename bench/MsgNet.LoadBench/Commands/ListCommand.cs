using System.CommandLine;
using MsgNet.LoadBench.Contestants;
using Spectre.Console;

namespace MsgNet.LoadBench.Commands;

/// <summary><c>list</c>: who takes part, and who cannot.</summary>
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
        });
        return command;
    }
}
