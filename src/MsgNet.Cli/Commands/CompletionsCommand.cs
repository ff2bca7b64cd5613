using System.CommandLine;

namespace MsgNet.Cli.Commands;

/// <summary><c>completions</c>: prints a script with which a shell completes verbs, options and their words. CLI-076.</summary>
internal static class CompletionsCommand
{
    public static Command Create()
    {
        var shell = new Argument<string>("SHELL") { Description = "bash, zsh or pwsh." };
        shell.CompletionSources.Add([.. CompletionScripts.Shells]);
        shell.Validators.Add(result =>
        {
            if (!CompletionScripts.Shells.Contains(result.Tokens[0].Value))
                result.AddError($"SHELL takes bash, zsh or pwsh, not '{result.Tokens[0].Value}'");
        });
        var command = new Command("completions", "Print a script that makes a shell complete msgnet's command lines.") { shell }
            .WithExample("""
                msgnet completions bash > ~/.local/share/bash-completion/completions/msgnet
                source <(msgnet completions zsh)
                msgnet completions pwsh | Out-String | Invoke-Expression
                """);
        command.SetAction(parsed => Console.Out.Write(CompletionScripts.For(parsed.GetRequiredValue(shell))));
        return command;
    }
}
