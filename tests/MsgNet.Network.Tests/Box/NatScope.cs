namespace MsgNet.NetworkTests;

/// <summary>What a mapping or a filter depends on (RFC 4787).</summary>
internal enum NatScope
{
    /// <summary>Endpoint-independent: nothing of the remote end.</summary>
    Anyone,

    /// <summary>Address-dependent.</summary>
    Address,

    /// <summary>Address- and port-dependent.</summary>
    AddressAndPort,
}
