namespace MsgNet.Benchmarks.Loads;

/// <summary>One thing to measure.</summary>
/// <param name="Pattern">Who sends to whom.</param>
/// <param name="Size">Bytes of payload of a message.</param>
/// <param name="Clients">Connections at once.</param>
internal sealed record LoadCase(LoadPattern Pattern, int Size, int Clients);
