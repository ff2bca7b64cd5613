namespace MsgNet;

/// <summary>The peer does not take messages of a protocol.</summary>
public sealed class ProtocolNotSupportedException : MsgNetException
{
    /// <summary>Says which peer and protocol.</summary>
    public ProtocolNotSupportedException(PeerId peer, ProtocolId protocol)
        : base($"{peer} does not take messages of {protocol}; it has no handler for it.")
    {
        Peer = peer;
        Protocol = protocol;
    }

    /// <summary>The peer.</summary>
    public PeerId Peer { get; }

    /// <summary>The protocol.</summary>
    public ProtocolId Protocol { get; }
}
