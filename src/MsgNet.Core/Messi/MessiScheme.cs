namespace MsgNet.Messi;

/// <summary>What carries a Messi connection.</summary>
public enum MessiScheme
{
    /// <summary>TCP: <c>tcp://host:port</c>.</summary>
    Tcp,

    /// <summary>TLS over TCP: <c>tls://host:port</c>.</summary>
    Tls,

    /// <summary>A stream of MsgNet to the peer that a multiaddress ends with: <c>/ip4/192.0.2.1/udp/4001/p2p/12D3…</c>.</summary>
    MsgNet,
}
