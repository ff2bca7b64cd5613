namespace MsgNet.Messi.Emitter;

/// <summary>A oneof of a side's message, as a front end found it.</summary>
/// <param name="Name">Its name as that front end knows it: in C# a oneof called <c>messages</c> is <c>Messages</c>.</param>
/// <param name="Members">Its members in the order of the file.</param>
internal sealed record MessiOneof(string Name, EquatableArray<MessiMember> Members);
