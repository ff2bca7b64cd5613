namespace MsgNet.LoadBench.Processes;

/// <summary>How long round trips took.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="Median">Microseconds.</param>
/// <param name="P99">Microseconds.</param>
/// <param name="P999">Microseconds.</param>
internal sealed record RoundTripTimes(long Count, double Median, double P99, double P999);
