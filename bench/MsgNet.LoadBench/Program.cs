using System.CommandLine;
using MsgNet.LoadBench.Commands;
using MsgNet.LoadBench.Processes;

// The program is its own child: its roles are not for people.
if (args is [EndProcess.Role])
{
    EndProcess.Run(Console.In, Console.Out);
    return 0;
}

var root = new RootCommand("Measures MsgNet beside others on the same work, in the same minutes, on this machine.")
{
    RunCommand.Create(),
    ReportCommand.Create(),
    ListCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
