using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// The timer of one machine. It is not moved when what is due moves later, as it does with every ping, but fires early and is set again.
/// Its owner calls <see cref="Set"/> under its gate.
/// </summary>
internal sealed class MessiTimer : IDisposable
{
    private readonly TimeProvider time;
    private readonly long origin;
    private readonly ITimer timer;
    private Instant armed = Instant.Never;

    public MessiTimer(TimeProvider time, Action onDue)
    {
        this.time = time;
        origin = time.GetTimestamp();
        timer = time.CreateTimer(
            static action => ((Action)action!)(), onDue, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Time since this was made.</summary>
    public Instant Now => new(time.GetElapsedTime(origin).Ticks);

    /// <summary>Calls back at that time, or before; then it has to be set again.</summary>
    public void Set(Instant due)
    {
        if (due >= armed)
            return;

        armed = due;
        // Up, since a timer that is early by a part of a millisecond would fire again and again.
        var wait = Math.Max(0, Math.Ceiling((due - Now).TotalMilliseconds));
        timer.Change(TimeSpan.FromMilliseconds(wait), Timeout.InfiniteTimeSpan);
    }

    /// <summary>It has fired.</summary>
    public void OnFired() => armed = Instant.Never;

    public void Dispose() => timer.Dispose();
}
