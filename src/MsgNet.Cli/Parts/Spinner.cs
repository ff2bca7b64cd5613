using Spectre.Console;

namespace MsgNet.Cli;

/// <summary>Shows on a terminal that something runs. CLI-001.</summary>
internal static class Spinner
{
    /// <summary>Waits for <paramref name="work"/>; turns meanwhile if standard error is a terminal, else writes nothing.</summary>
    public static Task<TResult> While<TResult>(string text, Task<TResult> work) => Console.IsErrorRedirected
        ? work
        : AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) }).Status().StartAsync(text, _ => work);
}
