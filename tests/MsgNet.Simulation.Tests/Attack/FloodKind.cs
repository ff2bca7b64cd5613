namespace MsgNet.Simulation.Tests.Attack;

/// <summary>What a <see cref="Flood"/> is made of.</summary>
public enum FloodKind
{
    /// <summary>Random bytes of every length.</summary>
    Junk,

    /// <summary>Random bytes behind a right header, of every type.</summary>
    TypedJunk,

    /// <summary>HELLOs whose mac1 is wrong.</summary>
    BadMac,

    /// <summary>HELLOs with a right mac1 and garbage behind it, each from another address.</summary>
    GarbageHello,

    /// <summary>HELLOs that are right in every way, each of a new key, from one address.</summary>
    HelloFromOneAddress,

    /// <summary>HELLOs that are right in every way, each of a new key, each from another address.</summary>
    HelloFromMany,

    /// <summary>HELLOs of new keys whose owner receives at his addresses: he takes the cookie, comes again, and confirms.</summary>
    HelloWithCookie,

    /// <summary>DATA for an index nobody has.</summary>
    UnknownIndex,

    /// <summary>DATA for an index that is in use, forged, from the peer's own address.</summary>
    ForgedData,

    /// <summary>WHO from many addresses.</summary>
    Who,

    /// <summary>HINTs about packets that were really sent, from the right address.</summary>
    ForgedHint,

    /// <summary>RETRYs that answer real HELLOs, with garbage for a cookie.</summary>
    ForgedRetry,

    /// <summary>ACKs that were really sent, again.</summary>
    ReplayedAck,
}
