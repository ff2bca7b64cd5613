namespace MsgNet.LoadBench.Contestants;

/// <summary>What both ends of a contestant are opened for.</summary>
/// <param name="Kind">What they do.</param>
/// <param name="Size">Bytes of a message.</param>
internal sealed record LoadWork(LoadKind Kind, int Size);
