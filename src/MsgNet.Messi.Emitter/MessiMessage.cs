namespace MsgNet.Messi.Emitter;

/// <summary>The message of one side, as a front end found it; nothing about it is checked yet.</summary>
/// <param name="Name">Its name in the <c>.proto</c> file.</param>
/// <param name="Type">Its type in C#, with <c>global::</c>.</param>
/// <param name="HasFields">Whether it has any field, in a oneof or not.</param>
/// <param name="Oneofs">Its oneofs, without those that protoc makes for optional fields.</param>
internal sealed record MessiMessage(string Name, string Type, bool HasFields, EquatableArray<MessiOneof> Oneofs);
