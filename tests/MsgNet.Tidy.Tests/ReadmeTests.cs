using System.Text.RegularExpressions;
using MsgNet.Testing;

namespace MsgNet.Tidy.Tests;

/// <summary>The first code a reader copies is code that compiles.</summary>
public sealed partial class ReadmeTests
{
    private const int ReadmeLinesMax = 180;

    /// <summary>The root's, and those of the packages.</summary>
    public static TheoryData<string> Readmes => [.. Repository.TextFiles.Where(path => ReadmePath().IsMatch(path))];

    [Theory]
    [InlineData("README.md")]
    [InlineData("src/MsgNet/README.md")]
    [InlineData("src/MsgNet.Messi/README.md")]
    [InlineData("src/MsgNet.Simulation/README.md")]
    public void Code_in_the_readme_is_code_of_the_samples(string path)
    {
        var blocks = SampleBlock().Matches(Repository.Read(path));
        Assert.NotEmpty(blocks);
        foreach (Match block in blocks)
            Assert.Equal(Region(block.Groups["file"].Value, block.Groups["region"].Value), block.Groups["code"].Value.TrimEnd());
    }

    [Theory]
    [MemberData(nameof(Readmes))]
    public void Every_csharp_block_of_a_readme_has_its_sample(string path)
    {
        var readme = Repository.Read(path);
        Assert.Equal(SampleBlock().Count(readme), CsharpFence().Count(readme));
    }

    [Fact]
    public void The_readme_is_short()
        => Assert.InRange(File.ReadAllLines(RepositoryFiles.PathOf("README.md")).Length, 1, ReadmeLinesMax);

    [Fact]
    public void Links_of_the_documents_lead_to_files()
        => Repository.AssertNone("Links to files that do not exist",
            from path in Repository.TextFiles
            where path.EndsWith(".md", StringComparison.Ordinal)
            from Match link in Link().Matches(Repository.Read(path))
            let target = link.Groups["target"].Value.Split('#')[0]
            where target.Length > 0 && !target.Contains("://", StringComparison.Ordinal)
            where !Path.Exists(Path.Combine(RepositoryFiles.Root, Path.GetDirectoryName(path)!, target))
            select $"{path}: {target}");

    private static string Region(string path, string region)
    {
        var lines = File.ReadAllLines(RepositoryFiles.PathOf(path));
        var start = Array.FindIndex(lines, line => line.Trim() == "#region " + region);
        Assert.True(start >= 0, $"{path} has no #region {region}.");
        var inside = lines.Skip(start + 1).TakeWhile(line => line.Trim() != "#endregion").ToArray();
        var margin = inside.Where(line => line.Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', inside.Select(line => line.Length == 0 ? line : line[margin..])).Trim('\n').TrimEnd();
    }

    [GeneratedRegex(@"<!-- sample: (?<file>[^#\s]+)#(?<region>\S+) -->\n```csharp\n(?<code>.*?)\n```", RegexOptions.Singleline)]
    private static partial Regex SampleBlock();

    [GeneratedRegex(@"^(src/[^/]+/)?README\.md$")]
    private static partial Regex ReadmePath();

    [GeneratedRegex(@"^```(csharp|cs|c#)\s*$", RegexOptions.Multiline)]
    private static partial Regex CsharpFence();

    [GeneratedRegex(@"\]\((?<target>[^)\s]+)\)")]
    private static partial Regex Link();
}
