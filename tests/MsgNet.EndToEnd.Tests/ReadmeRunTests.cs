using System.Text.RegularExpressions;

namespace MsgNet.EndToEnd;

/// <summary>What the README shows is what a reader sees.</summary>
public sealed partial class ReadmeRunTests
{
    // A run in virtual time is the same everywhere. Whoever changes bytes or times pastes what this prints.
    [Fact]
    public async Task The_simulation_in_the_readme_is_what_it_prints()
    {
        var block = Assert.Single(SimulationBlock().Matches(await File.ReadAllTextAsync(RepositoryFiles.PathOf("README.md"))));
        var run = (await Msgnet.Run(block.Groups["command"].Value.Split(' '))).Expect(0);

        var isTrue = Lasting(block.Groups["output"].Value.Split('\n', StringSplitOptions.RemoveEmptyEntries)) == Lasting(run.Lines);
        Assert.True(isTrue, $"Paste this into README.md:\n{string.Join('\n', run.Lines)}");
    }

    // The wall has its own time.
    private static string Lasting(IEnumerable<string> lines) =>
        string.Join('\n', lines.Where(line => !line.StartsWith("wall time", StringComparison.Ordinal)));

    [GeneratedRegex(@"^\$ \./eng/msgnet (?<command>sim .+)\n(?<output>(?:.+\n)+?)```", RegexOptions.Multiline)]
    private static partial Regex SimulationBlock();
}
