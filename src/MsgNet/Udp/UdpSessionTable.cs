using MsgNet.Core;

namespace MsgNet;

/// <summary>The open UDP sessions by peer. Under the gate.</summary>
internal sealed class UdpSessionTable
{
    private readonly Dictionary<PeerId, List<UdpSession>> byPeer = [];

    public void Add(UdpSession session)
    {
        if (!byPeer.TryGetValue(session.Remote.Id, out var sessions))
            byPeer.Add(session.Remote.Id, sessions = []);

        sessions.Add(session);
    }

    public void Remove(UdpSession session)
    {
        if (byPeer.TryGetValue(session.Remote.Id, out var sessions) && sessions.Remove(session) && sessions.Count == 0)
            byPeer.Remove(session.Remote.Id);
    }

    /// <summary>
    /// The handler of the session that takes this peer's messages on that protocol itself; null when the host's handlers do.
    /// </summary>
    public HandlerQueue? ConsumerOf(PeerId peer, ProtocolId protocol)
    {
        if (!byPeer.TryGetValue(peer, out var sessions))
            return null;

        foreach (var session in sessions)
        {
            if (session.Consumer is { } consumer && session.Protocol == protocol)
                return consumer;
        }

        return null;
    }

    public void OnRoom(PeerId peer)
    {
        foreach (var session in Of(peer))
            session.OnRoom();
    }

    public void Fail(PeerId peer, ProtocolId protocol, Exception why)
    {
        foreach (var session in Of(peer))
        {
            if (session.Protocol == protocol)
                session.End(why);
        }
    }

    public void FailAll(PeerId peer, Exception? why)
    {
        foreach (var session in Of(peer))
            session.End(why);
    }

    // A copy: ending a session takes it out.
    private UdpSession[] Of(PeerId peer) => byPeer.TryGetValue(peer, out var sessions) ? [.. sessions] : [];
}
