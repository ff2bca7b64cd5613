using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using MsgNet.Testing;

namespace MsgNet.Tidy.Tests;

/// <summary>One C# file of the repository, read and parsed once.</summary>
internal sealed partial class SourceFile
{
    private static readonly string[] Folders = ["src", "tests", "bench", "samples"];
    private static readonly Lazy<SourceFile[]> EveryFile = new(() => [.. Folders.SelectMany(ReadFolder)]);

    private SourceFile(string path)
    {
        Path = Repository.Relative(path);
        Text = File.ReadAllText(path);
        Lines = Text.TrimEnd('\n').Split('\n');
        Root = CSharpSyntaxTree.ParseText(Text, new CSharpParseOptions(LanguageVersion.Preview)).GetRoot();
    }

    /// <summary>From the root of the checkout, with forward slashes.</summary>
    public string Path { get; }

    public string Text { get; }
    public string[] Lines { get; }
    public SyntaxNode Root { get; }

    /// <summary>The file's name up to its first dot: the type it holds, also when that type is spread over several files.</summary>
    public string Stem => System.IO.Path.GetFileName(Path).Split('.')[0];

    public static IEnumerable<SourceFile> All => EveryFile.Value;

    public static IEnumerable<SourceFile> Under(params string[] folders)
        => All.Where(file => folders.Any(folder => file.Path.StartsWith(folder + "/", StringComparison.Ordinal)));

    /// <summary>Every comment, documentation included.</summary>
    public IEnumerable<SyntaxTrivia> Comments()
        => Root.DescendantTrivia().Where(trivia => trivia.IsKind(SyntaxKind.SingleLineCommentTrivia)
            || trivia.IsKind(SyntaxKind.MultiLineCommentTrivia)
            || trivia.IsKind(SyntaxKind.SingleLineDocumentationCommentTrivia));

    public string At(SyntaxNodeOrToken place)
        => $"{Path}:{place.GetLocation()!.GetLineSpan().StartLinePosition.Line + 1}";

    private static IEnumerable<SourceFile> ReadFolder(string folder)
    {
        var path = RepositoryFiles.PathOf(folder);
        if (!Directory.Exists(path))
            return [];
        return Directory.EnumerateFiles(path, "*.cs", SearchOption.AllDirectories)
            .Where(file => !BuildOutput().IsMatch(file))
            .Order(StringComparer.Ordinal)
            .Select(file => new SourceFile(file));
    }

    [GeneratedRegex(@"[/\\](bin|obj)[/\\]")]
    private static partial Regex BuildOutput();
}
