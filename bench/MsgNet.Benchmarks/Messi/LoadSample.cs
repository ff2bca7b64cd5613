namespace MsgNet.Benchmarks.Loads;

/// <summary>What one run has measured.</summary>
/// <param name="Rate">Messages per second that came; round trips of echoes.</param>
/// <param name="Cpu">Time on the processor of both processes for each, in nanoseconds.</param>
/// <param name="Allocated">Bytes that both processes allocated for each, without the objects that Protobuf makes of it.</param>
/// <param name="Median">Round trip in microseconds; 0 when there is none.</param>
/// <param name="Percentile99">Round trip in microseconds; 0 when there is none.</param>
internal sealed record LoadSample(double Rate, double Cpu, double Allocated, double Median, double Percentile99);
