namespace MsgNet.Simulation;

/// <summary>Which way a partition between two hosts cuts.</summary>
public enum PartitionDirection
{
    /// <summary>Nothing passes either way.</summary>
    Both,

    /// <summary>Nothing passes from the first host to the second; the other way is open.</summary>
    FirstToSecond,

    /// <summary>Nothing passes from the second host to the first; the other way is open.</summary>
    SecondToFirst,
}
