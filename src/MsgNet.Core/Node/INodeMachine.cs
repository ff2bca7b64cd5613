namespace MsgNet.Core;

/// <summary>
/// A protocol machine that owns a port: datagrams go in, events and datagrams come out. The socket loop and the simulator drive it alike.
/// </summary>
/// <remarks>
/// A machine has no clock, lock, task or randomness of its own and is driven by one thread at a time. After every call that may have given
/// it something to send, its driver calls <see cref="WriteDatagram"/> until it returns false and then re-arms its timer for
/// <see cref="NextTimer"/>.
/// </remarks>
public interface INodeMachine
{
    /// <summary>When <see cref="OnTimer"/> must be called next; <see cref="Instant.Never"/> when idle.</summary>
    Instant NextTimer { get; }

    /// <summary>Takes one datagram, opened in place. Never throws on what the network sent.</summary>
    /// <param name="now">The time of the receive batch.</param>
    /// <param name="from">Where it came from and the local port it came in by.</param>
    /// <param name="datagram">The UDP payload; its content is undefined afterwards, except the ranges that events name.</param>
    /// <param name="events">Receives what happened; empty on entry (checked).</param>
    void OnDatagram(Instant now, in NetAddress from, Span<byte> datagram, NodeEvents events);

    /// <summary>Does what is due at <paramref name="now"/>. <paramref name="events"/> is empty on entry (checked).</summary>
    void OnTimer(Instant now, NodeEvents events);

    /// <summary>Packs and seals the next datagram into the caller's buffer; false when nothing may be sent now.</summary>
    bool WriteDatagram(Instant now, ref DatagramWriter writer);
}
