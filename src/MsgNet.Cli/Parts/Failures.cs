using Microsoft.Extensions.Options;
using MsgNet.Cli.Messi;

namespace MsgNet.Cli;

/// <summary>Turns what went wrong into one line on standard error and an exit code. CLI-003, CLI-004.</summary>
internal static class Failures
{
    /// <summary>Runs a verb; an interrupt ends it with <paramref name="interrupted"/>.</summary>
    public static async Task<int> Guard(Func<Task<int>> verb, int interrupted)
    {
        try
        {
            return await verb();
        }
        catch (OperationCanceledException)
        {
            return interrupted;
        }
        catch (Exception error) when (CodeOf(error) is not null)
        {
            return Report(error);
        }
    }

    /// <summary>Writes the line and returns the exit code.</summary>
    public static int Report(Exception error)
    {
        Say(error.Message);
        return CodeOf(error) ?? ExitCodes.Failed;
    }

    /// <summary>Writes one line of talk.</summary>
    public static void Say(string text) => Console.Error.WriteLine($"msgnet: {OneLine(text)}");

    /// <summary>The text with its line breaks taken out.</summary>
    public static string OneLine(string text) => text.ReplaceLineEndings(" ");

    // Anything else is a mistake of this program and ends it with its stack.
    private static int? CodeOf(Exception error) => error switch
    {
        UsageException => ExitCodes.Usage,
        EnvironmentException or LibsodiumMissingException => ExitCodes.Environment,
        IOException or UnauthorizedAccessException or InvalidDataException => ExitCodes.Environment,
        OptionsValidationException => ExitCodes.Usage,
        MsgNetException or ProtoException or TimeoutException => ExitCodes.Failed,
        _ => null,
    };
}
