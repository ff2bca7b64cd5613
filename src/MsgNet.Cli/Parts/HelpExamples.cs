using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace MsgNet.Cli;

/// <summary>Adds an example that can be pasted to the help of each verb. CLI-005.</summary>
internal static class HelpExamples
{
    /// <summary>An address as it is shown in examples.</summary>
    public const string Address = "/ip4/127.0.0.1/udp/4001/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";

    private static readonly Dictionary<Command, string> Examples = [];

    /// <summary>Sets a verb's example.</summary>
    public static Command WithExample(this Command command, string example)
    {
        Examples.Add(command, example);
        return command;
    }

    /// <summary>Makes <c>--help</c> show the examples.</summary>
    public static void AddTo(RootCommand root)
    {
        var option = root.Options.OfType<HelpOption>().Single();
        // They would be taken for help where a protocol is named /h.
        option.Aliases.Remove("/h");
        option.Aliases.Remove("/?");
        option.Action = new Action((SynchronousCommandLineAction)option.Action!);
    }

    private sealed class Action(SynchronousCommandLineAction help) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            var example = Examples.GetValueOrDefault(parseResult.CommandResult.Command, "msgnet sim --nodes 2 --loss 20% --seed 7");
            output.WriteLine($"Example:\n  {example.ReplaceLineEndings("\n  ")}\n");
            return code;
        }
    }
}
