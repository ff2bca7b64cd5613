using MsgNet.Core;

namespace MsgNet.Simulation;

/// <summary>Virtual time: stands still but for the queue, which moves it to the next event.</summary>
internal sealed class SimulationClock
{
    /// <summary>Wall clock at the start of every simulation: 2025-01-01 00:00 UTC, in microseconds since 1970.</summary>
    public const long UnixMicrosecondsAtStart = 1_735_689_600_000_000;

    /// <summary>Now.</summary>
    public Instant Now { get; private set; } = Instant.Zero;

    /// <summary>Moves on; time never goes back.</summary>
    public void MoveTo(Instant when)
    {
        Invariant.Check(when >= Now);
        Now = when;
    }
}
