namespace MsgNet;

/// <summary>The peer does not take a protocol: its messages, or its streams, whichever was sent.</summary>
public sealed class ProtocolNotSupportedException : MsgNetException
{
    /// <summary>Says which peer and protocol.</summary>
    public ProtocolNotSupportedException(PeerId peer, ProtocolId protocol)
        : base($"{peer} does not take {protocol} so: it has no handler for it, or one of messages for a stream, or the reverse.")
    {
        Peer = peer;
        Protocol = protocol;
    }

    /// <summary>The peer.</summary>
    public PeerId Peer { get; }

    /// <summary>The protocol.</summary>
    public ProtocolId Protocol { get; }
}
