namespace MsgNet.Platform;

/// <summary>What the UDP ports of a host and the inboxes behind them lost; outlives them. Safe on any thread.</summary>
internal sealed class UdpLosses
{
    private long sendsDropped;
    private long receiveErrors;
    private long inboxFull;

    /// <summary>
    /// Datagrams the system did not take: too large for the link, no buffer free, no route, of the other IP version. A probe of the
    /// datagram size (SEC-089) may be among them, which loses nobody's data; a port does not tell it apart.
    /// </summary>
    public long SendsDropped => Interlocked.Read(ref sendsDropped);

    /// <summary>Errors in place of a datagram, most of them from ICMP.</summary>
    public long ReceiveErrors => Interlocked.Read(ref receiveErrors);

    /// <summary>Messages outside protocols that found no room in the inbox of their socket.</summary>
    public long InboxFull => Interlocked.Read(ref inboxFull);

    public void AddSendsDropped(int count) => Interlocked.Add(ref sendsDropped, count);

    public void AddReceiveError() => Interlocked.Increment(ref receiveErrors);

    public void AddInboxFull() => Interlocked.Increment(ref inboxFull);
}
