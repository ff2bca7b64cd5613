namespace MsgNet.Core;

/// <summary>One thing that happened in an <see cref="MspEndpoint"/>.</summary>
/// <param name="Kind">What.</param>
/// <param name="Connection">To which connection.</param>
/// <param name="Listener">Who accepted it, of <see cref="MspEventKind.Accepted"/> only.</param>
public readonly record struct MspEvent(MspEventKind Kind, MspConnection Connection, MspListener? Listener);
