namespace MsgNet.Messi.Emitter;

/// <summary>One member of the oneof of a side.</summary>
/// <param name="Name">The property that holds it in C#, such as <c>ConnectReq</c>.</param>
/// <param name="Case">Its value of <c>MessagesOneofCase</c>; <paramref name="Name"/> but for a member called None.</param>
/// <param name="Number">Its field number, 1 to 2^29 - 1.</param>
/// <param name="Type">Its type in C#, with <c>global::</c>.</param>
/// <param name="IsMessage">False for numbers, texts and whatever else is no message.</param>
internal sealed record MessiMember(string Name, string Case, int Number, string Type, bool IsMessage);
