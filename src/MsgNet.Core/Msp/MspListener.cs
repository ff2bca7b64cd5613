namespace MsgNet.Core;

/// <summary>A port that takes connections. A handle; only its <see cref="MspEndpoint"/> changes it.</summary>
public sealed class MspListener
{
    internal MspListener(MspAddress local, MspProfile profile)
    {
        Local = local;
        Profile = profile;
    }

    /// <summary>Where it listens.</summary>
    public MspAddress Local { get; }

    /// <summary>How its connections work.</summary>
    public MspProfile Profile { get; }

    /// <summary><see cref="MspStates.Listening"/>, and <see cref="MspStates.Closed"/> once it was closed.</summary>
    public MspStates States { get; internal set; } = MspStates.Listening;

    /// <summary>Free for the driver: what it keeps for the listener.</summary>
    public object? State { get; set; }
}
