namespace MsgNet;

/// <summary>How a request is sent.</summary>
public sealed record RequestOptions
{
    /// <summary>The defaults: unreliable with repetition, 10 s.</summary>
    public static RequestOptions Default { get; } = new();

    /// <summary>The least delivery that will do; unreliable requests are repeated until answered and still run at most once.</summary>
    public Delivery Delivery { get; init; }

    /// <summary>
    /// How long to wait for the reply, more than zero, at most 1 hour. Default 10 s. Beyond 30 s it gives a slow handler time, but no more
    /// protection against loss: the responder keeps a reply for 30 s, so when the reply and all that is repeated for 30 s is lost, the
    /// request ends with <see cref="TimeoutException"/> although its handler has run.
    /// </summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
