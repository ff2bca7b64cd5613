using System.Text.Json;

namespace MsgNet.Testing;

/// <summary>Finds files of the checkout from a test's output folder.</summary>
public static class RepositoryFiles
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    public static JsonElement Vectors(params string[] parts)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(PathOf(["specs", "vectors", .. parts])));
        return document.RootElement.Clone();
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "MsgNet.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException($"No MsgNet.sln above {AppContext.BaseDirectory}; run the tests from a checkout.");
    }
}
