namespace MsgNet.Platform;

/// <summary>Datagrams a port lost, by where.</summary>
internal struct UdpPortCounters
{
    /// <summary>
    /// Datagrams the system did not take: too large for the link, no buffer free, no route, of the other IP version. A probe of the
    /// datagram size (SEC-089) may be among them, which loses nobody's data; it is not told apart as long as no instrument shows this.
    /// </summary>
    public long SendsDropped;

    /// <summary>Errors in place of a datagram, most of them from ICMP.</summary>
    public long ReceiveErrors;
}
