namespace MsgNet.NetworkTests;

/// <summary>The character of a NAT.</summary>
/// <param name="Mapping">Which remote ends share an external port.</param>
/// <param name="Filtering">Who may send to an external port: those it has sent to, as far as this looks.</param>
internal sealed record NatOptions(NatScope Mapping, NatScope Filtering)
{
    /// <summary>One external port for all, which is the inner one where it is free, and only who was spoken to may answer.</summary>
    public static readonly NatOptions HomeRouter = new(NatScope.Anyone, NatScope.AddressAndPort);

    public static readonly NatOptions FullCone = new(NatScope.Anyone, NatScope.Anyone);

    public static readonly NatOptions Symmetric = new(NatScope.AddressAndPort, NatScope.AddressAndPort) { PreservesPorts = false };

    /// <summary>The inner port is the external one when it is free; else a random one.</summary>
    public bool PreservesPorts { get; init; } = true;

    /// <summary>Life of a mapping after the last packet from inside.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(30);
}
