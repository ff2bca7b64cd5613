using System.CommandLine;
using System.Text;
using MsgNet.Cli;
using MsgNet.Cli.Commands;

Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
var root = new RootCommand("Send messages to peers, not bytes to sockets.")
{
    IdCommand.Create(),
    ListenCommand.Create(),
    SendCommand.Create(),
    PingCommand.Create(),
    ChatCommand.Create(),
    SimCommand.Create(),
    BenchCommand.Create(),
    BenchReceiverCommand.Create(),
    MessiCommand.Create(),
    CompletionsCommand.Create(),
};
root.HelpName = "msgnet";
HelpExamples.AddTo(root);

// Without response files: a message may begin with @.
var parsed = root.Parse(args, new ParserConfiguration { ResponseFileTokenReplacer = null });
if (parsed.Errors.Count > 0)
    return Failures.Report(UsageException.From(parsed));

using var interrupt = new Interrupt();
var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
return await parsed.InvokeAsync(configuration, interrupt.Token);
