using MsgNet.Messi;

namespace MsgNet.Core;

/// <summary>How one <see cref="MessiServerMachine"/> works.</summary>
public sealed record MessiServerSettings
{
    /// <summary>How long a client may go without a ping, above zero.</summary>
    public TimeSpan KeepAliveTimeout { get; init; } = Limits.MessiKeepAliveTimeout;

    /// <summary>The format in which a client is spoken to that has said nothing for
    /// <see cref="Limits.MessiFormatDetectionTime"/>.</summary>
    public MessiWireFormat FormatOfSilent { get; init; } = MessiWireFormat.Documented;

    /// <summary>The carrier itself notices a dead peer, as streams of MsgNet do: the format is
    /// <see cref="MessiWireFormat.Documented"/> from the start, and nothing times out.</summary>
    public bool HasLiveness { get; init; }
}
