namespace MsgNet.Core;

/// <summary>
/// One HELLO of an attempt: its own ephemeral key and index, the same timestamp and frames as the attempt's other images (SEC-033).
/// </summary>
internal sealed class HelloImage(uint index, InitiatorHandshake handshake, byte[] datagram, int length) : IDisposable
{
    public uint Index { get; } = index;

    public InitiatorHandshake Handshake { get; } = handshake;

    public ReadOnlySpan<byte> Datagram => datagram.AsSpan(0, length);

    /// <summary>How often it was sent.</summary>
    public int Sends { get; set; }

    /// <summary>When it was sent last.</summary>
    public Instant SentAt { get; set; }

    public void Dispose() => Handshake.Dispose();
}
