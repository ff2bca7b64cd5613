using System.Diagnostics;

namespace MsgNet;

/// <summary>Names to listen to. What is measured and traced stands in <c>specs/api.md</c>, sections 12 and 13.</summary>
public static class MsgNetDiagnostics
{
    /// <summary>The meter, for <c>AddMeter</c> of OpenTelemetry or <c>dotnet-counters monitor --counters MsgNet</c>.</summary>
    public const string MeterName = "MsgNet";

    /// <summary>The source of activities, for <c>AddSource</c> of OpenTelemetry.</summary>
    public const string ActivitySourceName = "MsgNet";

    /// <summary>The source; a static one, as listeners expect. Without a listener it makes nothing.</summary>
    internal static ActivitySource Source { get; } = new(ActivitySourceName);
}
