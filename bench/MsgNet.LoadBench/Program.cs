using System.CommandLine;
using MsgNet.LoadBench.Commands;
using MsgNet.LoadBench.Nodes;
using MsgNet.LoadBench.Processes;
using MsgNet.LoadBench.Relay;

// The program is its own child: its roles are not for people.
if (args is [EndProcess.Role])
{
    EndProcess.Run(Console.In, Console.Out);
    return 0;
}

if (args is [RelayProcess.Role])
{
    RelayProcess.Run(Console.In, Console.Out);
    return 0;
}

if (args is [NodesProcess.HandshakesRole or NodesProcess.MemoryRole, var number])
{
    NodesProcess.Run(args[0], number, Console.Out);
    return 0;
}

var root = new RootCommand("Measures MsgNet beside others on the same work, in the same minutes, on this machine.")
{
    RunCommand.Create(),
    ReportCommand.Create(),
    ListCommand.Create(),
};
return await root.Parse(args).InvokeAsync();
