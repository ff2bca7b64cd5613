namespace MsgNet.Core;

/// <summary>
/// One HELLO of an attempt: its own ephemeral key, the same timestamp and frames as the attempt's other images (SEC-033), and its own index
/// unless it answers a RETRY to another image (SEC-041).
/// </summary>
internal sealed class HelloImage(uint index, HelloTarget target, InitiatorHandshake handshake, byte[] datagram, int length) : IDisposable
{
    private readonly List<byte[]> sealedEarly = [];
    private ISealingKey? early;

    public uint Index { get; } = index;

    /// <summary>Where it goes.</summary>
    public HelloTarget Target { get; } = target;

    public InitiatorHandshake Handshake { get; } = handshake;

    public ReadOnlySpan<byte> Datagram => datagram.AsSpan(0, length);

    /// <summary>How often it was sent.</summary>
    public int Sends { get; private set; }

    /// <summary>When it was sent last.</summary>
    public Instant SentAt { get; private set; }

    /// <summary>A RETRY has answered it; another one is not taken (SEC-041).</summary>
    public bool HasRetry { get; set; }

    /// <summary>EARLY packets that left since the image did.</summary>
    public int EarlySent { get; private set; }

    /// <summary>The image leaves, for the first time or again: so do its EARLY packets, of which nothing is known either.</summary>
    public void OnSent(Instant now)
    {
        Sends++;
        SentAt = now;
        EarlySent = 0;
    }

    /// <summary>Writes the next EARLY packet that follows this image; returns the datagram's length.</summary>
    public int WriteEarly(Span<byte> datagram, EarlyFlight flight)
    {
        if (EarlySent == sealedEarly.Count)
            sealedEarly.Add(SealEarly(flight[EarlySent]));

        var next = sealedEarly[EarlySent++];
        next.CopyTo(datagram);
        return next.Length;
    }

    public void Dispose()
    {
        early?.Dispose();
        Handshake.Dispose();
    }

    // The key counts by itself (SEC-071); a packet has one number under all images because each seals all of them from the first on. What
    // goes out again is the same bytes.
    private byte[] SealEarly(ReadOnlySpan<byte> frames)
    {
        early ??= Handshake.CreateEarlyKey(); // SEC-023
        var datagram = new byte[frames.Length + Limits.SealOverhead];
        DataHeader.Write(datagram, ChannelMessageType.Early, Index); // SEC-017
        frames.CopyTo(datagram.AsSpan(DataHeader.Length));
        var number = early.Seal(datagram, frames.Length);
        Invariant.Check(number == (ulong)sealedEarly.Count);
        return datagram;
    }
}
