using System.Text.RegularExpressions;

namespace MsgNet.Tidy.Tests;

/// <summary>One numbered rule of <c>specs/*.md</c>.</summary>
internal sealed partial record SpecRule(string Id, bool Later, string File, string Text)
{
    public static SpecRule[] ReadAll()
        => [.. from path in Repository.TextFiles
               where SpecFile().IsMatch(path)
               from line in Repository.Read(path).Split('\n')
               let match = Rule().Match(line)
               where match.Success
               select new SpecRule(match.Groups[1].Value, match.Groups[2].Success, path, line[match.Length..])];

    [GeneratedRegex(@"^specs/[^/]+\.md$")]
    private static partial Regex SpecFile();

    // The form that specs/README.md defines.
    [GeneratedRegex(@"^\*\*([A-Z]+-\d{3})\*\*( \(later\))? ")]
    private static partial Regex Rule();
}
