using System.Text.RegularExpressions;

namespace MsgNet.Testing;

/// <summary>The generated files that are written down, by protocol; without the version, which every release changes.</summary>
internal static partial class Snapshots
{
    // Not .cs: they are no source of this build.
    private const string Suffix = ".txt";

    public static Dictionary<string, string> Read(string protocol) => Folder(protocol).Exists
        ? Folder(protocol).GetFiles("*" + Suffix).ToDictionary(file => file.Name[..^Suffix.Length], file => File.ReadAllText(file.FullName))
        : [];

    public static void Write(string protocol, IReadOnlyDictionary<string, string> files)
    {
        var folder = Folder(protocol);
        folder.Create();
        foreach (var file in folder.GetFiles())
            file.Delete();
        foreach (var (name, text) in files)
            File.WriteAllText(Path.Combine(folder.FullName, name + Suffix), text);
    }

    public static string WithoutVersion(string text) => Version().Replace(text, "\"MsgNet.Messi\", \"VERSION\"");

    private static DirectoryInfo Folder(string protocol) =>
        new(RepositoryFiles.PathOf("tests", "MsgNet.Messi.Generator.Tests", "Snapshots", protocol));

    [GeneratedRegex(@"""MsgNet\.Messi"", ""\d+\.\d+\.\d+""")]
    private static partial Regex Version();
}
