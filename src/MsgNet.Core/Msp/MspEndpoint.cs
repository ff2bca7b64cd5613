namespace MsgNet.Core;

/// <summary>
/// All MSP connections and listeners of one carrier of datagrams (<c>specs/msp.md</c>): packets go in, events and packets come out.
/// </summary>
/// <remarks>
/// Driven by one thread at a time. After every call that may have given it something to send, calls to its connections included, its driver
/// calls <see cref="WritePacket"/> until it returns false, and then re-arms its timer for <see cref="NextTimer"/>.
/// </remarks>
public sealed class MspEndpoint : IDisposable
{
    /// <summary>An endpoint without connections.</summary>
    /// <param name="poison">Overwrite buffers once they are free, so that code which kept a borrowed span is caught.</param>
    public MspEndpoint(bool poison) => throw new NotImplementedException();

    /// <summary>When <see cref="OnTimer"/> must be called next; <see cref="Instant.Never"/> when idle.</summary>
    public Instant NextTimer => throw new NotImplementedException();

    /// <summary>What it counted.</summary>
    public MspCounters Counters { get; } = new();

    /// <summary>Connections that have not ended.</summary>
    public int ConnectionCount => throw new NotImplementedException();

    /// <summary>Takes connections to an address from now on; with <see cref="MspAddress.Any"/> those no other listener takes.</summary>
    /// <exception cref="InvalidOperationException">Something listens there.</exception>
    public MspListener Listen(in MspAddress local, MspProfile profile) => throw new NotImplementedException();

    /// <summary>Takes no more connections there; those it took go on.</summary>
    public void CloseListener(MspListener listener) => throw new NotImplementedException();

    /// <summary>
    /// Opens a connection; nothing is sent for 10 ms, so that the first message may go with the first packet. False when there are
    /// <see cref="Limits.MspConnectionsMax"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">There is a connection between these two addresses.</exception>
    public bool TryConnect(Instant now, in MspPair pair, MspProfile profile, out MspConnection connection) =>
        throw new NotImplementedException();

    /// <summary>Takes a packet. Never throws on what the network sent.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="pair">Where it came to, and from where.</param>
    /// <param name="packet">Its bytes, copied as far as they are kept.</param>
    /// <param name="events">Receives what happened; empty on entry (checked).</param>
    public void OnPacket(Instant now, in MspPair pair, ReadOnlySpan<byte> packet, MspEvents events) => throw new NotImplementedException();

    /// <summary>Does what is due. <paramref name="events"/> is empty on entry (checked).</summary>
    public void OnTimer(Instant now, MspEvents events) => throw new NotImplementedException();

    /// <summary>Writes the next packet; false when nothing is to be sent now.</summary>
    public bool WritePacket(Instant now, ref MspPacketWriter writer) => throw new NotImplementedException();

    /// <summary>Ends every connection and listener and tells nobody.</summary>
    public void Dispose() => throw new NotImplementedException();
}
