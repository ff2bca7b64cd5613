namespace MsgNet.Core;

/// <summary>
/// Seals packets of one direction of one session. The packet counter lives in here and nowhere else, so a nonce cannot repeat (SEC-071).
/// Disposing wipes the key; a call already under way on another thread ends well.
/// </summary>
/// <remarks>Safe on any thread. Nothing is allocated.</remarks>
public interface ISealingKey : IDisposable
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

    /// <summary>Uses up one counter without a packet, so that a report of packets never sent shows. Returns that counter.</summary>
    /// <exception cref="InvalidOperationException">The counter reached <see cref="PacketCounter.RejectAfter"/>.</exception>
    ulong Skip();
}
