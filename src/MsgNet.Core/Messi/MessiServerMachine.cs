using MsgNet.Messi;

namespace MsgNet.Core;

/// <summary>
/// One client's connection at a Messi server, without I/O: which format it speaks, when its silence ends it, how many pongs it gets. Its
/// driver does what each call returns and calls <see cref="OnTimer"/> at <see cref="NextTimer"/>. Not thread-safe.
/// </summary>
public sealed class MessiServerMachine
{
    private readonly MessiServerSettings settings;

    private Instant silenceEnds = Instant.Never;
    private Instant detectionEnds = Instant.Never;
    private bool isReadingPaused;
    private int pongsWaiting;

    /// <param name="now">When the connection was accepted.</param>
    /// <param name="settings">How it works.</param>
    /// <exception cref="ArgumentOutOfRangeException">The timeout is not above zero.</exception>
    public MessiServerMachine(Instant now, MessiServerSettings settings)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(settings.KeepAliveTimeout, TimeSpan.Zero);
        this.settings = settings;
        if (settings.HasLiveness)
        {
            // MESSI-061, MESSI-062
            Format = MessiWireFormat.Documented;
            return;
        }

        // MESSI-035
        silenceEnds = now + settings.KeepAliveTimeout;
        detectionEnds = now + Limits.MessiFormatDetectionTime;
    }

    /// <summary>The format of the connection; null until it is known. What is sent before waits.</summary>
    public MessiWireFormat? Format { get; private set; }

    /// <summary>Why the connection ends; null while it does not.</summary>
    public MessiDisconnectReason? Reason { get; private set; }

    /// <summary>When to call <see cref="OnTimer"/>.</summary>
    public Instant NextTimer => Reason is null ? Instant.Min(silenceEnds, detectionEnds) : Instant.Never;

    /// <summary>The client's first byte came. Without effect when the format is known.</summary>
    public MessiServerAction OnFirstByte(byte first)
    {
        if (Format is not null || Reason is not null)
            return MessiServerAction.None;

        return SetFormat(MessiFrame.FormatOf(first));
    }

    /// <summary>A ping came.</summary>
    /// <returns><see cref="MessiServerAction.SendPong"/>, unless so many pongs wait already that the client does not read.</returns>
    public MessiServerAction OnPing(Instant now)
    {
        if (Reason is not null)
            return MessiServerAction.None;

        // MESSI-035
        if (!silenceEnds.IsNever)
            silenceEnds = now + settings.KeepAliveTimeout;
        // MESSI-040: a client that never reads would make the queue grow.
        if (pongsWaiting == Limits.MessiPongsWaitingMax)
            return MessiServerAction.None;

        pongsWaiting++;
        return MessiServerAction.SendPong;
    }

    /// <summary>All that was to be sent was handed to the carrier, pongs included.</summary>
    public void OnOutputDrained() => pongsWaiting = 0;

    /// <summary>The driver stops reading because handlers are slow: silence says nothing about the client now.</summary>
    public void OnReadingPaused()
    {
        isReadingPaused = true;
        silenceEnds = Instant.Never;
    }

    /// <summary>The driver reads again: the client's next ping has the full timeout to come.</summary>
    public void OnReadingResumed(Instant now)
    {
        if (!isReadingPaused)
            return;

        isReadingPaused = false;
        if (!settings.HasLiveness)
            silenceEnds = now + settings.KeepAliveTimeout;
    }

    /// <summary>Does what is due; to be called again until it returns <see cref="MessiServerAction.None"/>.</summary>
    public MessiServerAction OnTimer(Instant now)
    {
        if (Reason is not null)
            return MessiServerAction.None;

        if (now >= silenceEnds)
        {
            // MESSI-036: pings may wait unread while this process stood still.
            if (now - silenceEnds <= settings.KeepAliveTimeout / 2)
            {
                OnDisconnected(MessiDisconnectReason.KeepAliveTimeout);
                return MessiServerAction.Close;
            }

            silenceEnds = now + settings.KeepAliveTimeout;
        }

        // MESSI-022
        return now >= detectionEnds ? SetFormat(settings.FormatOfSilent) : MessiServerAction.None;
    }

    /// <summary>
    /// The connection is over, for whatever reason the driver found. Without effect when it was over already: the first reason stands.
    /// </summary>
    /// <returns>True when this is the news that the connection has ended.</returns>
    public bool OnDisconnected(MessiDisconnectReason reason)
    {
        // MESSI-042
        if (Reason is not null)
            return false;

        Reason = reason;
        return true;
    }

    private MessiServerAction SetFormat(MessiWireFormat format)
    {
        Format = format;
        detectionEnds = Instant.Never;
        return MessiServerAction.FormatKnown;
    }
}
