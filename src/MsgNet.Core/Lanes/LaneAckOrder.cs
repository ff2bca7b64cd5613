namespace MsgNet.Core;

/// <summary>
/// Which acknowledgements of one lane count (LANE-038). On the wire they have 16 bits, which say which segment is meant while that lies
/// within 32,768 of the last one acknowledged. Of each set of keys this knows a segment that everything said under them is not older than:
/// the one that the newest of their packets named, or, before there is one, the one that had been acknowledged when their first packet
/// came. An end that has gone over to other keys does not come back (SEC-077), so nothing said before is said under them. Not thread-safe.
/// </summary>
internal sealed class LaneAckOrder
{
    // Packets come under the current keys of a peer and the previous ones.
    private Floor recent;
    private Floor other;

    /// <summary>The first packet of keys that come into use.</summary>
    /// <param name="keys">The keys.</param>
    /// <param name="kept">Other keys under which packets may still come; null when there are none.</param>
    /// <param name="acknowledged">Segments of the lane acknowledged by now.</param>
    public void OnKeysHeard(object keys, object? kept, ulong acknowledged)
    {
        if (recent.Keys == kept)
            (recent, other) = (other, recent);
        recent = new Floor { Keys = keys, Acknowledged = acknowledged };
    }

    /// <summary>Takes an acknowledgement, unless it says nothing.</summary>
    /// <param name="origin">The packet it came in.</param>
    /// <param name="ack">What it says.</param>
    /// <param name="acknowledged">Segments of the lane acknowledged by now.</param>
    public bool TryTake(in PacketOrigin origin, ushort ack, ulong acknowledged)
    {
        if (origin.Keys is null)
            return false;

        if (recent.Keys != origin.Keys)
            (recent, other) = (other, recent);
        if (recent.Keys != origin.Keys)
            recent = new Floor { Keys = origin.Keys }; // in use since before the lane was: nothing said of it is older than its beginning
        if (origin.Counter < recent.Counter || acknowledged - recent.Acknowledged >= Limits.LaneAckDistanceMax)
            return false;

        var ahead = unchecked((short)(ack + 1 - (ushort)acknowledged));
        recent.Counter = origin.Counter;
        recent.Acknowledged = unchecked(acknowledged + (ulong)ahead);
        return true;
    }

    private struct Floor
    {
        public object? Keys;
        public ulong Counter;
        public ulong Acknowledged;
    }
}
