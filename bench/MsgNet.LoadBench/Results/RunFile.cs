using System.Text.Json;
using MsgNet.LoadBench.Processes;

namespace MsgNet.LoadBench.Results;

/// <summary>All of one run, as it is kept: every sample, the machine and the commit.</summary>
internal sealed record RunFile
{
    /// <summary>When it began, UTC.</summary>
    public required string Date { get; init; }

    public required string Commit { get; init; }

    public required Machine Machine { get; init; }

    /// <summary>True for a smoke run, whose figures say little.</summary>
    public bool IsQuick { get; init; }

    public IReadOnlyList<Sample> Samples { get; init; } = [];

    private static JsonSerializerOptions Indented { get; } = new(Wire.Json) { WriteIndented = true };

    public static RunFile Read(string path) => JsonSerializer.Deserialize<RunFile>(File.ReadAllText(path), Wire.Json)
        ?? throw new JsonException($"{path} holds no run.");

    public void Write(string path) => File.WriteAllText(path, JsonSerializer.Serialize(this, Indented) + "\n");
}
