namespace MsgNet.EndToEnd;

public sealed class CompletionTests
{
    private static readonly Dictionary<string, string?> Same = [];
    private static readonly Dictionary<string, string?> Program = new() { ["MSGNET_PROGRAM"] = Msgnet.Program };

    [Theory]
    [Covers("CLI-076")]
    [InlineData("msgnet s", "send", "sim")]
    [InlineData("msgnet id ", "--help", "-?", "-h", "new", "show")]
    [InlineData("msgnet send --de", "--delivery")]
    [InlineData("msgnet send --delivery ", "ordered", "reliable", "unreliable")]
    [InlineData("msgnet send /ip4/127.0.0.1/udp/9 /t/1 --delivery un", "unreliable")]
    [InlineData("msgnet sim --delivery ord", "ordered")]
    [InlineData("msgnet bench --transport ", "memory", "msp", "udp")]
    [InlineData("msgnet bench-")] // hidden: only bench starts it
    [InlineData("msgnet completions ", "--help", "-?", "-h", "bash", "pwsh", "zsh")]
    [InlineData("msgnet id new --out ")] // nothing, and so bash offers files
    public async Task Bash_completes_what_the_program_accepts(string line, params string[] expected)
    {
        using var folder = new TemporaryFolder();
        var arguments = Lines(await Bash(folder, line));
        Assert.Equal(expected, arguments.Order(StringComparer.Ordinal));
    }

    [Fact]
    [Covers("CLI-076")]
    public async Task Bash_completes_up_to_the_cursor_and_runs_nothing_of_the_line()
    {
        using var folder = new TemporaryFolder();
        var trap = folder.PathOf("trap");
        Assert.Equal(["send"], Lines(await Bash(folder, "msgnet sen", after: "xyz --delivery")));
        Assert.Empty(Lines(await Bash(folder, $"msgnet '$(touch {trap})' `touch {trap}` \"; touch {trap}\" --de$(touch {trap})")));
        Assert.False(File.Exists(trap));
    }

    [SkippableTheory]
    [Covers("CLI-076")]
    [InlineData("bash", "-n")]
    [InlineData("zsh", "-n")]
    [InlineData("pwsh", "-NoProfile", "-NonInteractive", "-File")]
    public async Task The_shell_can_read_its_script(string shell, params string[] check)
    {
        using var folder = new TemporaryFolder();
        var script = await Script(folder, shell);
        Skip.IfNot(IsInstalled(shell), $"needs {shell}");

        var (code, output) = await ChildProcess.Run(shell, folder.PathOf(""), Same, [.. check, script]);

        Assert.True(code == 0, output);
        Assert.Equal("", output);
    }

    [Theory]
    [Covers("CLI-076")]
    [InlineData("bash", "complete -o default -F _msgnet_completions msgnet")]
    [InlineData("zsh", "compdef _msgnet msgnet")]
    [InlineData("pwsh", "Register-ArgumentCompleter -Native -CommandName msgnet -ScriptBlock {")]
    public async Task A_script_asks_the_program_and_says_for_which_command_it_is(string shell, string registration)
    {
        using var folder = new TemporaryFolder();
        var text = await File.ReadAllTextAsync(await Script(folder, shell));

        Assert.Contains(registration, text, StringComparison.Ordinal);
        Assert.Contains("\"[suggest:", text, StringComparison.Ordinal);
        Assert.DoesNotContain('\r', text);
        foreach (var (open, close) in new[] { ('(', ')'), ('{', '}'), ('[', ']') })
            Assert.Equal(text.Count(character => character == open), text.Count(character => character == close));
    }

    [Theory]
    [InlineData("/h")]
    [InlineData("/?")]
    public async Task A_protocol_is_not_taken_for_help(string protocol)
    {
        const string Address = "/ip4/127.0.0.1/udp/9/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5";

        var result = await Msgnet.Run("send", Address, protocol, "--message", "hello", "--timeout", "100ms", "--json");

        result.Expect(1).Single("failed");
    }

    /// <summary>What bash puts into COMPREPLY when the cursor stands behind <paramref name="line"/>.</summary>
    private static async Task<string> Bash(TemporaryFolder folder, string line, string after = "")
    {
        var script = await Script(folder, "bash");
        const string Ask = """
            msgnet() { dotnet exec "$MSGNET_PROGRAM" "$@"; }
            source "$1"
            COMP_LINE="$2$3" COMP_POINT=${#2} COMPREPLY=()
            _msgnet_completions "$4" "${2##* }" previous
            for word in "${COMPREPLY[@]}"; do printf '%s\n' "$word"; done
            """;
        var (code, output) = await ChildProcess.Run(
            "bash", folder.PathOf(""), Program, "-u", "-c", Ask, "bash", script, line, after, "msgnet");
        Assert.True(code == 0, output);
        return output;
    }

    private static async Task<string> Script(TemporaryFolder folder, string shell)
    {
        var result = (await Msgnet.Run("completions", shell)).Expect(0);
        var path = folder.PathOf(shell == "pwsh" ? "completions.ps1" : "completions." + shell);
        await File.WriteAllTextAsync(path, string.Join('\n', result.Lines) + "\n");
        return path;
    }

    private static bool IsInstalled(string program) => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, program)));

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}
