using MsgNet.Core;

namespace MsgNet;

/// <summary>The open sessions over UDP, of both transports, by peer. Under the gate.</summary>
internal sealed class UdpSessionTable
{
    private readonly Dictionary<PeerId, List<SealedSession>> byPeer = [];

    // Streams that wait for the look-up of a name; few, and for a short time.
    private readonly List<UdpStreamLane> unopened = [];

    /// <summary>No session has anything left to send.</summary>
    public bool IsDrained
    {
        get
        {
            foreach (var sessions in byPeer.Values)
            {
                foreach (var session in sessions)
                {
                    if (!session.IsDrained)
                        return false;
                }
            }

            return true;
        }
    }

    public void Add(SealedSession session)
    {
        if (!byPeer.TryGetValue(session.Remote.Id, out var sessions))
            byPeer.Add(session.Remote.Id, sessions = []);

        sessions.Add(session);
    }

    public void Remove(SealedSession session)
    {
        if (byPeer.TryGetValue(session.Remote.Id, out var sessions) && sessions.Remove(session) && sessions.Count == 0)
            byPeer.Remove(session.Remote.Id);
    }

    public void AddUnopened(UdpStreamLane stream) => unopened.Add(stream);

    public void RemoveUnopened(UdpStreamLane stream) => unopened.Remove(stream);

    /// <summary>
    /// The handler of the session that takes this peer's messages on that protocol itself; null when the host's handlers do.
    /// </summary>
    public HandlerQueue? ConsumerOf(PeerId peer, ProtocolId protocol)
    {
        if (!byPeer.TryGetValue(peer, out var sessions))
            return null;

        foreach (var session in sessions)
        {
            if (session is { IsEnded: false, Consumer: { } consumer } && session.Protocol == protocol)
                return consumer;
        }

        return null;
    }

    /// <summary>A queue has room, or the peer is reached. It happens all the time, so nothing is copied: no session ends by it.</summary>
    public void OnRoom(PeerId peer)
    {
        foreach (var stream in UnopenedTo(peer))
            stream.OnReachable();
        if (!byPeer.TryGetValue(peer, out var sessions))
            return;

        foreach (var session in sessions)
            session.OnRoom();
    }

    public void OnProtocolRefused(PeerId peer, ProtocolId protocol)
    {
        foreach (var session in Of(peer))
        {
            if (session.Protocol == protocol)
                session.OnProtocolRefused();
        }
    }

    public void FailAll(PeerId peer, Exception? why)
    {
        foreach (var stream in UnopenedTo(peer))
            stream.Fail(why as MsgNetException ?? new SessionLostException(peer, PeerLoss.ClosedLocally, maybeDelivered: false));
        foreach (var session in Of(peer))
            session.End(why);
    }

    // Copies: ending a session or opening a stream takes it out.
    private UdpStreamLane[] UnopenedTo(PeerId peer) => unopened.Count == 0 ? [] : CopyUnopenedTo(peer);

    private UdpStreamLane[] CopyUnopenedTo(PeerId peer) => [.. unopened.Where(stream => stream.Peer == peer)];

    private SealedSession[] Of(PeerId peer) => byPeer.TryGetValue(peer, out var sessions) ? [.. sessions] : [];
}
