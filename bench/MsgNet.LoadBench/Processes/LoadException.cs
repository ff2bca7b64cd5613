namespace MsgNet.LoadBench.Processes;

/// <summary>A measurement that came to nothing; the message stands in the table.</summary>
internal sealed class LoadException(string message) : Exception(message);
