namespace MsgNet.Messi.Emitter;

/// <summary>Names in generated code, all from the global namespace: whatever a user calls a namespace, they mean the same.</summary>
internal static class Names
{
    public const string Messi = "global::MsgNet.Messi.";
    public const string MsgNet = "global::MsgNet.";
    public const string PeerId = "global::MsgNet.PeerId";
    public const string Parser = "global::Google.Protobuf.MessageParser";
    public const string ValueTask = "global::System.Threading.Tasks.ValueTask";
    public const string CancellationToken = "global::System.Threading.CancellationToken";
}
