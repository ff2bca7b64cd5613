namespace MsgNet.Flood;

/// <summary>What a flood consists of.</summary>
internal enum AttackKind
{
    /// <summary>No flood: the figures to compare with.</summary>
    None,

    /// <summary>Random bytes in sizes that lie around the bounds of the real messages.</summary>
    Junk,

    /// <summary>HELLOs whose mac1 does not fit.</summary>
    HelloBadMac,

    /// <summary>HELLOs whose mac1 fits, with an ephemeral key each, and a sealed identity that does not open.</summary>
    HelloGoodMac,

    /// <summary>DATA for indices nobody has.</summary>
    UnknownIndex,

    /// <summary>DATA that fits a live session in everything but the seal.</summary>
    ForgedData,

    /// <summary>The question for a host's key.</summary>
    Who,
}
