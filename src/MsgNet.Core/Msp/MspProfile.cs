using MsgNet.Core;

namespace MsgNet;

/// <summary>How one end of an MSP connection sends and times; both profiles put the same bytes on the wire and may meet.</summary>
public sealed record MspProfile
{
    private MspProfile()
    {
    }

    /// <summary>What Serval nodes do: a fixed window, each packet again after 1500 ms, for ever.</summary>
    public static MspProfile Serval { get; } = new()
    {
        Name = "serval",
        QueueMax = 5,
        WritableBelow = 4,
        IsAdaptive = false,
    };

    /// <summary>A window that grows from 4, timers after the round trip, fast retransmission.</summary>
    public static MspProfile Default { get; } = new()
    {
        Name = "default",
        QueueMax = Limits.MspWindowMax,
        WritableBelow = Limits.MspWindowMax,
        IsAdaptive = true,
    };

    /// <summary>Its name in logs: <c>serval</c> or <c>default</c>.</summary>
    public required string Name { get; init; }

    /// <summary>Messages accepted and not acknowledged at which another is refused.</summary>
    public required int QueueMax { get; init; }

    /// <summary>Messages accepted and not acknowledged below which <see cref="MspStates.DataOut"/> is set.</summary>
    public required int WritableBelow { get; init; }

    /// <summary>Window and timers follow the path, instead of being fixed.</summary>
    internal bool IsAdaptive { get; init; }
}
