namespace MsgNet;

/// <summary>How a request is sent.</summary>
public sealed record RequestOptions
{
    /// <summary>The defaults: unreliable with repetition, 10 s.</summary>
    public static RequestOptions Default { get; } = new();

    /// <summary>The least delivery that will do; unreliable requests are repeated until answered and still run at most once.</summary>
    public Delivery Delivery { get; init; }

    /// <summary>How long to wait for the reply, more than zero, at most 1 hour. Default 10 s.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);
}
