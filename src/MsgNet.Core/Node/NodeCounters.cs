namespace MsgNet.Core;

/// <summary>What a node counted since it began. Written by the node's driver; a reader on another thread sees recent values.</summary>
public sealed class NodeCounters
{
    private readonly long[] dropped = new long[Enum.GetValues<DropReason>().Length];

    /// <summary>Datagrams received, of any kind.</summary>
    public long DatagramsReceived { get; internal set; }

    /// <summary>Datagrams written.</summary>
    public long DatagramsSent { get; internal set; }

    /// <summary>Bytes of UDP payload received.</summary>
    public long BytesReceived { get; internal set; }

    /// <summary>Bytes of UDP payload written.</summary>
    public long BytesSent { get; internal set; }

    /// <summary>HELLOs sent, all images and repetitions.</summary>
    public long HellosSent { get; internal set; }

    /// <summary>EARLY packets sent, under each image.</summary>
    public long EarlySent { get; internal set; }

    /// <summary>EARLY packets whose frames were taken.</summary>
    public long EarlyReceived { get; internal set; }

    /// <summary>RETRYs written, to be sent.</summary>
    public long RetriesSent { get; internal set; }

    /// <summary>RETRYs not written, because the address or the node as a whole had caused too many.</summary>
    public long RetriesWithheld { get; internal set; }

    /// <summary>Peers forgotten to make room for another in a full table.</summary>
    public long PeersEvicted { get; internal set; }

    /// <summary>RETRYs that were followed by a HELLO with their cookie.</summary>
    public long RetriesTaken { get; internal set; }

    /// <summary>Handshakes answered.</summary>
    public long HandshakesAnswered { get; internal set; }

    /// <summary>Peers that the driver refused.</summary>
    public long PeersRefused { get; internal set; }

    /// <summary>Sessions confirmed on both ends.</summary>
    public long SessionsEstablished { get; internal set; }

    /// <summary>Messages delivered to the driver.</summary>
    public long MessagesDelivered { get; internal set; }

    /// <summary>Lanes opened by this node.</summary>
    public long LanesOpened { get; internal set; }

    /// <summary>Lanes opened by peers.</summary>
    public long LanesAccepted { get; internal set; }

    /// <summary>STOPs written for lanes of peers that were not taken, or are not known.</summary>
    public long LanesRefused { get; internal set; }

    /// <summary>Segments of lanes sent, each sending.</summary>
    public long SegmentsSent { get; internal set; }

    /// <summary>Those of <see cref="SegmentsSent"/> that were not the first of their segment.</summary>
    public long SegmentsResent { get; internal set; }

    /// <summary>Largest handshake table so far.</summary>
    public int HalfOpenPeak { get; internal set; }

    /// <summary>What was dropped for <paramref name="reason"/>.</summary>
    public long Dropped(DropReason reason) => dropped[(int)reason];

    internal void CountDropped(DropReason reason, int count = 1) => dropped[(int)reason] += count;
}
