namespace MsgNet.Core;

/// <summary>
/// Seals packets of one direction of one session. The packet counter lives in here and nowhere else, so a nonce cannot repeat (SEC-071).
/// Disposing wipes the key; a call already under way on another thread ends well.
/// </summary>
/// <remarks>Safe on any thread. Nothing is allocated.</remarks>
public interface ISealingKey : IPacketKey
{
    /// <summary>The counter the next packet gets. Another thread may take it first.</summary>
    ulong NextCounter { get; }

    /// <summary>
    /// Seals in place: the caller has written the 8-byte header and, from byte 16, <paramref name="plaintextLength"/> bytes of frames;
    /// this writes the counter (u64 LE) at byte 8 and the 16-byte tag after the frames, with bytes 0 to 15 as associated data.
    /// </summary>
    /// <param name="datagram">At least <paramref name="plaintextLength"/> + <see cref="Limits.SealOverhead"/> bytes.</param>
    /// <param name="plaintextLength">Bytes of frames; 0 for a keepalive.</param>
    /// <returns>The counter of this packet.</returns>
    /// <exception cref="ArgumentException">The datagram is too short.</exception>
    /// <exception cref="InvalidOperationException">The counter reached <see cref="PacketCounter.RejectAfter"/>.</exception>
    /// <exception cref="ObjectDisposedException">The key was disposed.</exception>
    ulong Seal(Span<byte> datagram, int plaintextLength);

    /// <summary>
    /// Uses up one counter and returns it: for one packet that is sealed later, or for none, so that a report of packets never sent shows.
    /// </summary>
    /// <exception cref="InvalidOperationException">The counter reached <see cref="PacketCounter.RejectAfter"/>.</exception>
    ulong Take();

    /// <summary>
    /// As <see cref="Seal(Span{byte}, int)"/>, with a counter that <see cref="Take"/> gave, of a key that is lent. A counter seals one
    /// packet, once: under a counter that comes twice everybody can read what both packets hold.
    /// </summary>
    /// <param name="datagram">At least <paramref name="plaintextLength"/> + <see cref="Limits.SealOverhead"/> bytes.</param>
    /// <param name="plaintextLength">Bytes of frames; 0 for a keepalive.</param>
    /// <param name="counter">This packet's.</param>
    /// <exception cref="ArgumentException">The datagram is too short.</exception>
    void Seal(Span<byte> datagram, int plaintextLength, ulong counter);
}
