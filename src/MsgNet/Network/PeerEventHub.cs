namespace MsgNet;

/// <summary>Hands what carriers report about peers to everybody who reads <see cref="IMessageNetwork.PeerEvents"/>.</summary>
internal sealed class PeerEventHub(Gate gate, Platform.IScheduler scheduler) : IPeerObserver
{
    private readonly Gate gate = gate;
    private readonly List<PeerEventReader> readers = [];
    private bool closed;

    /// <inheritdoc/>
    public void OnPeerEvent(PeerEventKind kind, PeerId peer, Multiaddress? address, string reason)
    {
        using (gate.Enter())
        {
            if (readers.Count == 0)
                return;

            var happened = new PeerEvent(kind, peer, address, reason);
            // API-093
            foreach (var reader in readers)
                reader.Add(happened);
        }
    }

    /// <summary>A reader of what happens from now on.</summary>
    public PeerEventReader Subscribe(CancellationToken cancellationToken)
    {
        var reader = new PeerEventReader(this, gate, scheduler, cancellationToken);
        using (gate.Enter())
        {
            if (closed)
                reader.End();
            else if (!cancellationToken.IsCancellationRequested)
                readers.Add(reader);
        }

        return reader;
    }

    /// <summary>Ends every reader once it has read what there is.</summary>
    public void Close()
    {
        using (gate.Enter())
        {
            closed = true;
            foreach (var reader in readers)
                reader.End();
            readers.Clear();
        }
    }

    /// <summary>Strikes out a reader; under the gate.</summary>
    public void Remove(PeerEventReader reader) => readers.Remove(reader);
}
