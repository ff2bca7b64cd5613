namespace MsgNet.LoadBench.Contestants;

/// <summary>What two ends do with each other.</summary>
internal enum LoadKind
{
    /// <summary>One end sends as fast as the other takes it.</summary>
    OneWay,

    /// <summary>One message at a time goes there and back.</summary>
    RoundTrip,
}
