namespace MsgNet.Core;

/// <summary>Peers in the order in which they were used, linked through <see cref="PeerChannel.Place"/>: nothing is allocated.</summary>
internal sealed class PeerList
{
    private PeerChannel? last;

    /// <summary>The one not used for longest.</summary>
    public PeerChannel? First { get; private set; }

    public void Append(PeerChannel peer)
    {
        Invariant.Check(peer.Place.List is null);
        peer.Place = new PeerPlace { List = this, Before = last, Since = peer.LastUsedAt };
        if (last is null)
            First = peer;
        else
            last.Place.After = peer;

        last = peer;
    }

    public void Remove(PeerChannel peer)
    {
        var place = peer.Place;
        Invariant.Check(place.List == this);
        if (place.Before is null)
            First = place.After;
        else
            place.Before.Place.After = place.After;

        if (place.After is null)
            last = place.Before;
        else
            place.After.Place.Before = place.Before;

        peer.Place = default;
    }
}

/// <summary>Where a peer stands in a <see cref="PeerList"/>, and when it was used when it was put there.</summary>
internal struct PeerPlace
{
    public PeerList? List;
    public PeerChannel? Before;
    public PeerChannel? After;
    public Instant Since;
}
