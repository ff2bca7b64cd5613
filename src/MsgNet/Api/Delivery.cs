namespace MsgNet;

/// <summary>What a transport promises about messages it accepted. Ordered: more satisfies less.</summary>
public enum Delivery
{
    /// <summary>A message arrives at most once, or not at all, in any order; loss is silent.</summary>
    Unreliable = 0,

    /// <summary>A message arrives exactly once or its sender is told; in any order.</summary>
    Reliable = 1,

    /// <summary>A message arrives exactly once or its sender is told; in the order it was sent on its session.</summary>
    ReliableOrdered = 2,
}
