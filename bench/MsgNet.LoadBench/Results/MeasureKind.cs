namespace MsgNet.LoadBench.Results;

/// <summary>What was measured: one table each.</summary>
internal enum MeasureKind
{
    OneWay,
    RoundTrip,
    Link,
    Handshakes,
    Memory,
    Peers,
}
