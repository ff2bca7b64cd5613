using System.CommandLine;

namespace MsgNet.Cli;

/// <summary>The command line is wrong; the message says what to write instead.</summary>
internal sealed class UsageException(string message) : Exception(message)
{
    /// <summary>The errors of a command line that does not parse, in one line.</summary>
    public static UsageException From(ParseResult parsed)
    {
        var verbs = parsed.CommandResult.Command.Subcommands.Where(verb => !verb.Hidden).Select(verb => verb.Name).ToArray();
        var errors = verbs.Length == 0 ? parsed.Errors.Select(error => error.Message.TrimEnd('.')).Distinct()
            : parsed.UnmatchedTokens is [var word, ..] ? [$"there is no verb or option '{word}'"]
            : [$"a verb is missing, one of {string.Join(", ", verbs)}"];
        return new UsageException($"{string.Join("; ", errors)}. See: {PathOf(parsed)} --help");
    }

    /// <summary>What the library refuses as misuse is usage here; without its parameter's name, known to callers in code only.</summary>
    public static UsageException From(ArgumentException error)
    {
        var parameter = $" (Parameter '{error.ParamName}')";
        return new UsageException(error.Message.Replace(parameter, "", StringComparison.Ordinal));
    }

    private static string PathOf(ParseResult parsed)
    {
        var path = "";
        for (var result = parsed.CommandResult; result is not null; result = result.Parent as System.CommandLine.Parsing.CommandResult)
            path = result.Command is RootCommand ? "msgnet" + path : $" {result.Command.Name}{path}";
        return path;
    }
}
