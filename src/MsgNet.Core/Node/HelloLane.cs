namespace MsgNet.Core;

/// <summary>
/// One of the at most two addresses that an attempt tries at the same time (SEC-043), with the images sent there; when the last of them is
/// used up the lane moves on to another address.
/// </summary>
internal sealed class HelloLane(HelloTarget target, int patience, Instant now)
{
    /// <summary>Where the next HELLO goes.</summary>
    public HelloTarget Target { get; private set; } = target;

    /// <summary>When the lane began.</summary>
    public Instant StartedAt { get; } = now;

    /// <summary>When the next HELLO is due.</summary>
    public Instant NextSend { get; private set; } = now;

    /// <summary>The image that is sent; null before the first.</summary>
    public HelloImage? Newest { get; private set; }

    /// <summary>The one before it, which an ACK may still answer (SEC-036).</summary>
    public HelloImage? Previous { get; private set; }

    /// <summary>True when the newest image was sent as often as it may be (SEC-033): the lane has to move before the next send.</summary>
    public bool IsUsedUp => !NeedsImage && Newest!.Sends >= patience;

    /// <summary>True when the lane has moved and has no image for where it is now.</summary>
    public bool NeedsImage { get; private set; } = true;

    private int patience = patience;

    /// <summary>Goes on with another address, or the same again.</summary>
    public void MoveTo(HelloTarget next, int sends)
    {
        Target = next;
        patience = sends;
        NeedsImage = true;
    }

    /// <summary>Goes on with another address at once.</summary>
    public void GoTo(Instant now, HelloTarget next)
    {
        MoveTo(next, NodeTimings.ImageSendsMax);
        NextSend = now;
    }

    /// <summary>Takes a new image; returns the one that can no longer be answered, or null.</summary>
    public HelloImage? Add(HelloImage image)
    {
        var forgotten = Previous;
        Previous = Newest;
        Newest = image;
        NeedsImage = false;
        return forgotten;
    }

    /// <summary>The image goes on its way; sets the time of the next.</summary>
    public void OnSent(Instant now, TimeSpan roundTrip, IRandom random)
    {
        Newest!.OnSent(now);
        NextSend = now + NodeTimings.Varied(Target.OnSent(roundTrip), random);
    }

    /// <summary>A RETRY to an image came: its address is asked again at once, by the image that the caller adds next.</summary>
    public void OnRetry(Instant now, HelloImage answered, ReadOnlySpan<byte> cookie)
    {
        answered.HasRetry = true;
        answered.Target.OnRetry(cookie);
        GoTo(now, answered.Target);
    }

    /// <summary>True when one of the images goes by this index.</summary>
    public bool Has(uint index) => Newest?.Index == index || Previous?.Index == index;
}
