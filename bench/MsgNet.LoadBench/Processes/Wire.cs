using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsgNet.LoadBench.Processes;

/// <summary>How orders and answers are written: JSON, one a line.</summary>
internal static class Wire
{
    public static JsonSerializerOptions Json { get; } = new(JsonSerializerDefaults.Web)
    {
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) },
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };
}
