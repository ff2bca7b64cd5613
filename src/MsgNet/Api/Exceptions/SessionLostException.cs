using MsgNet.Core;

namespace MsgNet;

/// <summary>A session ended while something depended on it.</summary>
public sealed class SessionLostException : MsgNetException
{
    /// <summary>Says which peer and why.</summary>
    public SessionLostException(PeerId peer, PeerLoss reason, bool maybeDelivered)
        : base($"The session to {peer} is lost: {Describe(reason)}"
            + (maybeDelivered ? "; the peer may or may not have received what was not answered yet." : "."))
    {
        Peer = peer;
        Reason = reason;
        MaybeDelivered = maybeDelivered;
    }

    /// <summary>The peer.</summary>
    public PeerId Peer { get; }

    /// <summary>Why it ended.</summary>
    public PeerLoss Reason { get; }

    /// <summary>The peer may have received what was sent and not confirmed.</summary>
    public bool MaybeDelivered { get; } // API-112

    private static string Describe(PeerLoss reason) => reason switch
    {
        PeerLoss.TimedOut => "the peer did not answer for 35 s",
        PeerLoss.PeerRestarted => "the peer restarted and lost its memory of us",
        PeerLoss.TooManyForgeries => "too many forged packets came under its keys",
        PeerLoss.ClosedByPeer => "the peer closed it",
        PeerLoss.ClosedLocally => "it was closed on this side",
        PeerLoss.ProtocolError => "the peer broke the protocol",
        PeerLoss.Unreachable => "no address of the peer answered",
        PeerLoss.ProtocolNotSupported => "the peer does not take messages of this protocol",
        PeerLoss.Refused => "the peer refused it (MsgNetOptions.AcceptPeer)",
        PeerLoss.Expired => "it was idle until its keys expired",
        PeerLoss.Evicted => "this host has state for as many peers as it may have, and this one gave way",
        PeerLoss.MessageTooLarge =>
            "a message was larger than its receiver takes; raise MsgNetOptions.MessageSizeMax there, or send smaller messages",
        _ => "for no reason given",
    };
}
