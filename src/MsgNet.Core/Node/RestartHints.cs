namespace MsgNet.Core;

/// <summary>
/// HINT, both ways: says to whoever sends under keys this node does not have that they are gone, and takes such a word from a peer as
/// a reason to ask by one handshake (SEC-087). A HINT is signed by nobody: it can cost a handshake now and then, and nothing else.
/// </summary>
internal sealed class RestartHints
{
    private readonly UdpNode node;
    private readonly AddressBuckets perAddress;

    // By the index this side sends under. Peers choose these numbers, so the table is a tree: no choice makes it slow.
    private readonly SortedDictionary<uint, ChannelSession> current = [];
    private TokenBucket all;

    public RestartHints(UdpNode node)
    {
        this.node = node;
        perAddress = new AddressBuckets(node.Random, Limits.HintsPerAddressPerSecondMax, burst: 1, countsPorts: true);
    }

    /// <summary>Sessions that a HINT can be about: one for each ready peer.</summary>
    public int Count => current.Count;

    /// <summary>A peer is sent to under other keys from now on; null when there were, or are, none.</summary>
    public void OnCurrentChanged(ChannelSession? former, ChannelSession? present)
    {
        if (former is not null && current.TryGetValue(former.RemoteIndex, out var known) && known == former)
            current.Remove(former.RemoteIndex);

        // Two peers that chose one number out of 2^32: the second does without HINTs.
        if (present is not null)
            current.TryAdd(present.RemoteIndex, present);
    }

    /// <summary>Answers DATA of an unknown index, within the rates (SEC-065).</summary>
    public void Answer(Instant now, in NetAddress to, in DataHeader data)
    {
        // DATA that overtook its ACK: the keys are on their way.
        if (node.Initiator.IsPending(data.Index))
            return;

        // The address first: one that floods must not use up what there is for all.
        if (!perAddress.TryTake(now, to)
            || !all.TryTake(now, Limits.HintsPerSecondMax, Limits.LooseRepliesMax, reserve: 0))
        {
            return;
        }

        var datagram = node.Loose.TryAdd(to, HintMessage.Length);
        if (!datagram.IsEmpty)
            new HintMessage(data.Index, data.Counter).Write(datagram);
    }

    /// <summary>Takes a HINT.</summary>
    public void OnHint(Instant now, in NetAddress from, ReadOnlySpan<byte> datagram)
    {
        if (!HintMessage.TryParse(datagram, out var hint))
        {
            node.Counters.CountDropped(DropReason.Malformed);
            return;
        }

        if (!current.TryGetValue(hint.Index, out var session) || !Fits(session, from, hint))
        {
            node.Counters.CountDropped(DropReason.UnknownHint);
            return;
        }

        var peer = session.Peer;
        if (peer.Attempt is not null || peer.ClosePending is not null || now < peer.NextHintAt)
            return;

        peer.NextHintAt = now + NodeTimings.HintInterval;
        node.StartRevival(now, peer, session, NodeTimings.AttemptMax);
    }

    // What an outsider would have to guess: 32 bits of index, the address, and a counter of the last 8,192.
    private static bool Fits(ChannelSession session, in NetAddress from, in HintMessage hint)
    {
        var next = session.Keys.Sealing.NextCounter;
        return from == session.Path.Address
            && session.IsAddressProven
            && hint.Counter < next
            && next - hint.Counter <= (ulong)Limits.ReplayWindowBits;
    }
}
