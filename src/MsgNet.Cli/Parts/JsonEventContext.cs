using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace MsgNet.Cli;

/// <summary>Writes the lines of <c>--json</c> without reflection.</summary>
[JsonSerializable(typeof(IdentityLine))]
[JsonSerializable(typeof(ListeningLine))]
[JsonSerializable(typeof(MessageLine))]
[JsonSerializable(typeof(SentLine))]
[JsonSerializable(typeof(ReplyLine))]
[JsonSerializable(typeof(FailedLine))]
[JsonSerializable(typeof(PongLine))]
[JsonSerializable(typeof(PingSummaryLine))]
[JsonSerializable(typeof(ChatLine))]
[JsonSerializable(typeof(TrustedLine))]
[JsonSerializable(typeof(SimLine))]
[JsonSerializable(typeof(BenchLine))]
[JsonSerializable(typeof(ReceiverLine))]
[JsonSerializable(typeof(WrittenLine))]
internal sealed partial class JsonEventContext : JsonSerializerContext
{
    /// <summary>camelCase, nothing that is null, and text as it is.</summary>
    public static JsonEventContext Lines { get; } = new(new JsonSerializerOptions
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    });
}
