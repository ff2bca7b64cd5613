namespace MsgNet.Core;

/// <summary>Keys under which this side has said CLOSE: for 3 PTO they only repeat it.</summary>
internal sealed class DrainingSession(ChannelSession session, CloseCode code, Instant until) : ITimed
{
    public ChannelSession Session { get; } = session;

    public CloseCode Code { get; } = code;

    /// <summary>When the keys are wiped.</summary>
    public Instant Until { get; } = until;

    /// <summary>When CLOSE may be repeated again.</summary>
    public Instant NextAnswer { get; set; }

    /// <inheritdoc/>
    Instant ITimed.NextTimer => Until;

    /// <inheritdoc/>
    int ITimed.QueueIndex { get; set; } = -1;
}
