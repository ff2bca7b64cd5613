using System.Text.Json;

namespace MsgNet.Testing;

/// <summary>Short ways to look at a line of JSON.</summary>
internal static class Json
{
    public static string Text(this JsonElement line, string name) => line.GetProperty(name).GetString()!;

    public static long Number(this JsonElement line, string name) => line.GetProperty(name).GetInt64();

    public static double Real(this JsonElement line, string name) => line.GetProperty(name).GetDouble();

    public static string[] Names(this JsonElement line) => [.. line.EnumerateObject().Select(property => property.Name)];
}
