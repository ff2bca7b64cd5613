using System.Text.RegularExpressions;
using MsgNet.Testing;

namespace MsgNet.Tidy.Tests;

/// <summary>The files of the checkout that people wrote, and one way to complain about them.</summary>
internal static partial class Repository
{
    private static readonly Lazy<string[]> EveryTextFile = new(() => [.. ReadTextFiles()]);

    /// <summary>Paths from the root: source, documents, scripts, project and data files; neither build output nor git's own.</summary>
    public static IEnumerable<string> TextFiles => EveryTextFile.Value;

    public static string Relative(string path) => Path.GetRelativePath(RepositoryFiles.Root, path).Replace('\\', '/');

    public static string Read(string path) => File.ReadAllText(RepositoryFiles.PathOf(path));

    /// <summary>Fails with every fault at once, sorted, one a line.</summary>
    public static void AssertNone(string rule, IEnumerable<string> faults)
    {
        var all = faults.Order(StringComparer.Ordinal).ToArray();
        Assert.True(all.Length == 0, $"{rule} ({all.Length}):\n  {string.Join("\n  ", all)}");
    }

    private static IEnumerable<string> ReadTextFiles()
        => Directory.EnumerateFiles(RepositoryFiles.Root, "*", SearchOption.AllDirectories)
            .Select(Relative)
            .Where(path => !NotOurs().IsMatch(path) && TextName().IsMatch(path))
            .Order(StringComparer.Ordinal);

    [GeneratedRegex(@"(^|/)(\.git|\.vs|\.idea|bin|obj|artifacts|TestResults|BenchmarkDotNet\.Artifacts)(/|$)")]
    private static partial Regex NotOurs();

    [GeneratedRegex(@"(\.(cs|csproj|props|targets|sln|md|json|sh|proto|editorconfig|gitignore)|^\.ci/[^/]+|^eng/[^/.]+|/LICENSE|^LICENSE|BannedSymbols\.txt|/PublicApi/.*\.txt)$")]
    private static partial Regex TextName();
}
