namespace MsgNet.Core;

/// <summary>What identifies an MSP connection: its two ends. Nothing in its packets does.</summary>
/// <param name="Local">This side's end.</param>
/// <param name="Remote">The peer's end.</param>
public readonly record struct MspPair(MspAddress Local, MspAddress Remote);
