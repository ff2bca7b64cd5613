using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// Takes EARLY packets (SEC-066): those that follow a HELLO whose frames could be delivered, from the same address and until 3 s after its
/// session was confirmed. There is at most one entry for each answered handshake that is half open or was confirmed in the last 3 s.
/// </summary>
internal sealed class EarlyReceiver(UdpNode node)
{
    private readonly Dictionary<EarlySource, ChannelSession> expected = [];

    /// <summary>Handshakes whose EARLY would be taken.</summary>
    public int Count => expected.Count;

    /// <summary>A HELLO was answered, and its attempt has a window: what follows it may be delivered.</summary>
    public void Expect(ChannelSession session, EarlyInbox inbox)
    {
        // Two peers with one address and one index: the first has it.
        if (expected.TryAdd(inbox.Source, session))
            session.Early = inbox;
        else
            inbox.Key.Dispose();
    }

    /// <summary>Takes an EARLY packet.</summary>
    public void OnEarly(Instant now, in NetAddress from, Span<byte> datagram, NodeEvents events)
    {
        if (!TryOpen(now, from, datagram, out var session, out var length, out var reason))
        {
            node.Counters.CountDropped(reason);
            return;
        }

        var peer = session.Peer;
        node.Counters.EarlyReceived++;
        session.LedgerReceived += datagram.Length; // SEC-081
        peer.LastUsedAt = now;
        var frames = datagram.Slice(DataHeader.Length, length);
        node.Reader.OnFrames(now, peer, null, frames, null, DataHeader.Length, early: true, events);
        node.QueueToWrite(peer);
    }

    /// <summary>The session is gone, or its EARLY is over.</summary>
    public void Forget(ChannelSession session)
    {
        if (session.Early is not { } inbox)
            return;

        expected.Remove(inbox.Source);
        inbox.Key.Dispose();
        session.Early = null;
    }

    private bool TryOpen(
        Instant now,
        in NetAddress from,
        Span<byte> datagram,
        [NotNullWhen(true)] out ChannelSession? session,
        out int length,
        out DropReason reason)
    {
        session = null;
        length = 0;
        reason = DropReason.Malformed;
        if (datagram.Length > Limits.DatagramSizeEthernet || !DataHeader.TryParse(datagram, out var header)) // SEC-017
            return false;

        reason = DropReason.UnknownIndex;
        if (!expected.TryGetValue(new EarlySource(from, header.Index), out session)
            || session is not { Early: { } inbox, Peer.ClosePending: null }
            || now >= inbox.Window.ClosesAt)
        {
            return false;
        }

        // As with DATA, the window is asked before the costly step and moves after it.
        reason = DropReason.Replayed;
        if (!inbox.Window.CanAccept(header.Counter))
            return false;

        reason = DropReason.NotAuthentic;
        if (!inbox.Key.TryOpen(datagram, out var number, out length))
            return false;

        inbox.Window.Accept(number);
        return true;
    }
}
