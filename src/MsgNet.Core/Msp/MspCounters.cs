namespace MsgNet.Core;

/// <summary>What an <see cref="MspEndpoint"/> counted since it began. Written by its driver; other threads see recent values.</summary>
public sealed class MspCounters
{
    /// <summary>Packets received.</summary>
    public long PacketsReceived { get; internal set; }

    /// <summary>Packets written.</summary>
    public long PacketsSent { get; internal set; }

    /// <summary>Data packets written again.</summary>
    public long Retransmissions { get; internal set; }

    /// <summary>Data packets that were here already.</summary>
    public long Duplicates { get; internal set; }

    /// <summary>Packets dropped whole for an acknowledgement of what was not sent or long acknowledged.</summary>
    public long BadAcks { get; internal set; }

    /// <summary>Data dropped because it lay beyond the receive window or the endpoint's memory.</summary>
    public long BeyondWindow { get; internal set; }

    /// <summary>Packets dropped because they were empty, too long, or data after SHUTDOWN.</summary>
    public long Malformed { get; internal set; }

    /// <summary>Packets of no known connection that opened none.</summary>
    public long Unknown { get; internal set; }

    /// <summary>Packets dropped that would have opened a connection more than there is room for.</summary>
    public long Refused { get; internal set; }

    /// <summary>STOPs written.</summary>
    public long StopsSent { get; internal set; }

    /// <summary>STOPs not written because there were too many.</summary>
    public long StopsWithheld { get; internal set; }

    /// <summary>Late copies, or packets of another life of the peer, which got no answer.</summary>
    public long LateFirsts { get; internal set; }
}
