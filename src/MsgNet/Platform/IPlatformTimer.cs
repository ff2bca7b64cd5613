using MsgNet.Core;

namespace MsgNet.Platform;

/// <summary>A timer that calls its owner once at a moment; re-armed by <see cref="Set"/>. Safe on any thread.</summary>
internal interface IPlatformTimer : IDisposable
{
    /// <summary>Arms the timer for <paramref name="when"/> in place of what was set; <see cref="Instant.Never"/> disarms it.</summary>
    void Set(Instant when);
}
