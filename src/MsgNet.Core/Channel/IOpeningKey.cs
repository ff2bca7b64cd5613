namespace MsgNet.Core;

/// <summary>
/// Opens packets of one direction of one session. It does not know replays: ask a <see cref="ReplayWindow"/> before and after.
/// Disposing wipes the key; a call already under way on another thread ends well.
/// </summary>
/// <remarks>Safe on any thread. Nothing is allocated.</remarks>
public interface IOpeningKey : IPacketKey
{
    /// <summary>
    /// Opens in place; the frames then begin at byte 16. False when the datagram is forged, shorter than <see cref="Limits.SealOverhead"/>
    /// or its counter is not below <see cref="PacketCounter.RejectAfter"/>; what lies from byte 16 on may then be destroyed.
    /// </summary>
    /// <param name="datagram">The whole datagram.</param>
    /// <param name="counter">The packet counter it names; to be trusted only when the result is true.</param>
    /// <param name="plaintextLength">Bytes of frames, at least 0; 0 when the result is false.</param>
    /// <exception cref="ObjectDisposedException">The key was disposed and is not lent.</exception>
    bool TryOpen(Span<byte> datagram, out ulong counter, out int plaintextLength)
    {
        Lend();
        try
        {
            return TryOpenLent(datagram, out counter, out plaintextLength);
        }
        finally
        {
            Return();
        }
    }

    /// <summary>As <see cref="TryOpen"/>, of a key that is lent.</summary>
    /// <param name="datagram">The whole datagram.</param>
    /// <param name="counter">The packet counter it names; to be trusted only when the result is true.</param>
    /// <param name="plaintextLength">Bytes of frames, at least 0; 0 when the result is false.</param>
    bool TryOpenLent(Span<byte> datagram, out ulong counter, out int plaintextLength);
}
