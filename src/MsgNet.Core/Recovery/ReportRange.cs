namespace MsgNet.Core;

/// <summary>Consecutive packet numbers, both ends included; <paramref name="Smallest"/> never exceeds <paramref name="Largest"/>.</summary>
/// <param name="Smallest">The first number.</param>
/// <param name="Largest">The last number.</param>
internal readonly record struct ReportRange(ulong Smallest, ulong Largest);
