using System.Text.Json;

namespace MsgNet.Messi.Tests;

/// <summary>The recorded behaviour of the original's peers.</summary>
internal static class VectorFile
{
    public static JsonElement[] Of(string kind)
    {
        using var document = JsonDocument.Parse(File.ReadAllText(RepositoryFiles.PathOf("specs", "vectors", "messi.json")));
        return [.. document.RootElement.GetProperty("vectors").EnumerateArray()
            .Where(vector => vector.GetProperty("kind").GetString() == kind).Select(vector => vector.Clone())];
    }

    public static TheoryData<string> NamesOf(string kind) => [.. Of(kind).Select(NameOf)];

    public static JsonElement Get(string kind, string name) => Of(kind).Single(vector => NameOf(vector) == name);

    private static string NameOf(JsonElement vector) => vector.GetProperty("name").GetString()!;
}
