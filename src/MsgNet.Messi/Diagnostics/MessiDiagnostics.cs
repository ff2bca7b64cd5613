namespace MsgNet.Messi;

/// <summary>Names for whoever collects metrics and logs.</summary>
public static class MessiDiagnostics
{
    /// <summary>The meter: <c>AddMeter(MessiDiagnostics.MeterName)</c>.</summary>
    public const string MeterName = "MsgNet.Messi";

    /// <summary>The category of the logs of clients.</summary>
    public const string ClientCategory = "MsgNet.Messi.Client";

    /// <summary>The category of the logs of servers.</summary>
    public const string ServerCategory = "MsgNet.Messi.Server";
}
