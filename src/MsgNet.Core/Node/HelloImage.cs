namespace MsgNet.Core;

/// <summary>
/// One HELLO of an attempt: its own ephemeral key, the same timestamp and frames as the attempt's other images (SEC-033), and its own index
/// unless it answers a RETRY to another image (SEC-041).
/// </summary>
internal sealed class HelloImage(uint index, HelloTarget target, InitiatorHandshake handshake, byte[] datagram, int length) : IDisposable
{
    public uint Index { get; } = index;

    /// <summary>Where it goes.</summary>
    public HelloTarget Target { get; } = target;

    public InitiatorHandshake Handshake { get; } = handshake;

    public ReadOnlySpan<byte> Datagram => datagram.AsSpan(0, length);

    /// <summary>How often it was sent.</summary>
    public int Sends { get; set; }

    /// <summary>When it was sent last.</summary>
    public Instant SentAt { get; set; }

    /// <summary>A RETRY has answered it; another one is not taken (SEC-041).</summary>
    public bool HasRetry { get; set; }

    public void Dispose() => Handshake.Dispose();
}
