using System.Diagnostics.CodeAnalysis;
using MsgNet.Core;

namespace MsgNet;

/// <summary>
/// The batches of a host: those that are free, and those that threads are sealing and sending, all at the same time. While a peer's
/// datagrams are on their way none is packed for it, so they leave in the order of their numbers.
/// </summary>
/// <remarks>Under the gate. A thread that delivers needs nothing of it until it is done.</remarks>
internal sealed class OutgoingLine(UdpNode node)
{
    private readonly List<OutgoingBatch> underWay = [];
    private readonly Stack<OutgoingBatch> free = new();
    private int made;

    /// <summary>Nothing is under way.</summary>
    public bool IsEmpty => underWay.Count == 0;

    /// <summary>An empty batch. False while all are under way; their threads come back for more.</summary>
    public bool TryRent([NotNullWhen(true)] out OutgoingBatch? batch)
    {
        if (free.TryPop(out batch))
            return true;
        if (made == Limits.OutgoingBatchesMax)
            return false;

        made++;
        batch = new OutgoingBatch();
        return true;
    }

    /// <summary>The batch is not needed after all.</summary>
    public void GiveBack(OutgoingBatch batch) => free.Push(batch);

    /// <summary>A batch is packed and about to be delivered.</summary>
    public void Add(OutgoingBatch batch)
    {
        underWay.Add(batch);
        foreach (var peer in batch.Peers)
            UdpNode.Pause(peer);
    }

    /// <summary>Takes back what was delivered; false when that is nothing. More can be packed for its peers.</summary>
    public bool TryTakeBack() // API-234
    {
        var took = false;
        for (var i = underWay.Count - 1; i >= 0; i--)
        {
            if (!underWay[i].IsSent)
                continue;

            TakeBack(underWay[i]);
            underWay.RemoveAt(i);
            took = true;
        }

        return took;
    }

    /// <summary>Waits until all that is under way is delivered.</summary>
    public void WaitUntilSent()
    {
        foreach (var batch in underWay)
            SpinWait.SpinUntil(() => batch.IsSent);
    }

    /// <summary>Waits until what the node still had to tell a peer, when it forgot it, is delivered.</summary>
    public void WaitUntilSent(PeerId forgotten)
    {
        foreach (var batch in underWay)
        {
            foreach (var peer in batch.Peers)
            {
                if (peer.IsRemoved && peer.Id == forgotten)
                    SpinWait.SpinUntil(() => batch.IsSent);
            }
        }
    }

    private void TakeBack(OutgoingBatch batch)
    {
        foreach (var peer in batch.Peers)
            node.Resume(peer);
        batch.Clear();
        free.Push(batch);
    }
}
