namespace MsgNet.Cli;

/// <summary>
/// The scripts of <c>completions</c>. Each hands the line up to the cursor, without the program's name, to <c>msgnet "[suggest:N]"</c>,
/// which parses it and answers with one word a line: what a release can do and what its completion offers cannot come apart. CLI-076.
/// </summary>
internal static class CompletionScripts
{
    // The first word of the line is run, so that ./eng/msgnet completes by itself. Where msgnet has nothing to say, file names are offered.
    private const string Bash = """
        # msgnet completion for bash. To have it in every shell, put into ~/.bashrc: source <(msgnet completions bash)
        _msgnet_completions() {
            local line="${COMP_LINE:0:COMP_POINT}" suggestion
            line="${line#*"$1"}"
            line="${line# }"
            COMPREPLY=()
            while IFS= read -r suggestion; do
                [[ "$suggestion" == "$2"* ]] && COMPREPLY+=("$suggestion")
            done < <("$1" "[suggest:${#line}]" "$line" 2>/dev/null)
        }
        complete -o default -F _msgnet_completions msgnet

        """;

    private const string Zsh = """
        #compdef msgnet
        # msgnet completion for zsh. To have it in every shell, put into ~/.zshrc after compinit: source <(msgnet completions zsh)
        _msgnet() {
            local line="${(j: :)words[2,CURRENT]}"
            local -a suggestions
            suggestions=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
            suggestions=(${(M)suggestions:#${(b)PREFIX}*})
            if (( ${#suggestions} )); then
                compadd -a suggestions
            else
                _files
            fi
        }
        compdef _msgnet msgnet

        """;

    private const string Pwsh = """
        # msgnet completion for PowerShell. To have it in every shell, put into $PROFILE:
        # msgnet completions pwsh | Out-String | Invoke-Expression
        Register-ArgumentCompleter -Native -CommandName msgnet -ScriptBlock {
            param($wordToComplete, $commandAst, $cursorPosition)
            $program = $commandAst.CommandElements[0].Extent
            $length = [Math]::Max(0, $cursorPosition - $program.EndOffset - 1)
            $line = $commandAst.ToString().Substring($program.Text.Length).TrimStart().PadRight($length).Substring(0, $length)
            & $commandAst.GetCommandName() "[suggest:$length]" $line 2>$null |
                Where-Object { $_.StartsWith($wordToComplete, [StringComparison]::Ordinal) } |
                ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }

        """;

    /// <summary>The shells there are scripts for.</summary>
    public static IReadOnlyList<string> Shells { get; } = ["bash", "zsh", "pwsh"];

    /// <summary>The script for one of <see cref="Shells"/>.</summary>
    public static string For(string shell) => shell switch
    {
        "bash" => Bash,
        "zsh" => Zsh,
        _ => Pwsh,
    };
}
