using System.CommandLine;
using MsgNet.LoadBench.Reports;
using MsgNet.LoadBench.Results;

namespace MsgNet.LoadBench.Commands;

/// <summary><c>report</c>: tables of a file.</summary>
internal static class ReportCommand
{
    public static Command Create()
    {
        var input = new Argument<FileInfo>("FILE") { Description = "What run wrote." };
        var head = new Option<bool>("--head") { Description = "Only the machine and the commit." };
        var plots = new Option<DirectoryInfo>("--plots") { Description = "A folder for the data of the plots; nothing else is written." };
        var command = new Command("report", "Write the tables of a run as Markdown.") { input, head, plots };
        command.SetAction(parsed =>
        {
            var run = RunFile.Read(parsed.GetRequiredValue(input).FullName);
            if (parsed.GetValue(plots) is { } folder)
                PlotData.Write(run, folder.FullName);
            else
                Console.Out.Write(parsed.GetValue(head) ? MarkdownReport.Head(run) : MarkdownReport.Write(run));
        });
        return command;
    }
}
