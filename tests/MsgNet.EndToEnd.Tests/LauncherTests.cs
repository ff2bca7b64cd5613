using System.Diagnostics;

namespace MsgNet.EndToEnd;

public sealed class LauncherTests
{
    [Fact]
    [Covers("CLI-013")]
    public async Task It_says_what_builds_the_program_that_is_not_there()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf("eng"));
        var launcher = folder.PathOf("eng/msgnet");
        File.Copy(RepositoryFiles.PathOf("eng", "msgnet"), launcher);

        var (code, output, errors) = await Run(launcher, "id", "new");

        Assert.Equal((2, ""), (code, output));
        Assert.Contains("eng/test.sh", errors, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("CLI-013")]
    public async Task It_runs_the_program_with_the_arguments_it_was_given()
    {
        using var folder = new TemporaryFolder();
        Directory.CreateDirectory(folder.PathOf("eng"));
        var launcher = folder.PathOf("eng/msgnet");
        File.Copy(RepositoryFiles.PathOf("eng", "msgnet"), launcher);
        var built = Directory.CreateDirectory(folder.PathOf("src/MsgNet.Cli/bin/Release"));
        File.CreateSymbolicLink(Path.Combine(built.FullName, "net10.0"), Path.GetDirectoryName(Msgnet.Program)!);

        var (code, _, errors) = await Run(launcher, "sim", "--loss", "1 000");

        Assert.Equal(64, code);
        Assert.Contains("not '1 000'", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Output, string Errors)> Run(string launcher, params string[] arguments)
    {
        var start = new ProcessStartInfo("bash", [launcher, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await errors);
    }
}
