namespace MsgNet.Core;

/// <summary>What a session's first flight may still bring: the key of its HELLO's EARLY packets and the window of its attempt.</summary>
internal sealed record EarlyInbox(EarlySource Source, IOpeningKey Key, EarlyWindow Window);
