namespace MsgNet.Core;

/// <summary>
/// Holds back senders that share a queue until it is short and their shares are equal. While even the fastest sample of a round says that
/// a queue stands, what may be in flight is multiplied by (room / that sample); in every round the same few datagrams are added. What is
/// taken is in proportion to what one has, what is given is not: so shares meet, as in AIMD, and the queue rests a little above its room.
/// </summary>
internal struct QueueBound
{
    // So many samples make a round: the least of two says nothing on a path with jitter.
    private const int SamplesMin = 8;

    private long flight;
    private TimeSpan least;
    private int samples;

    public QueueBound()
    {
    }

    /// <summary>Bytes that may be in flight; <see cref="long.MaxValue"/> while no queue stood lately.</summary>
    public long Bytes { get; private set; } = long.MaxValue;

    /// <summary>Bytes are in flight now.</summary>
    public void OnSent(long bytesInFlight) => flight = Math.Max(flight, bytesInFlight);

    /// <summary>A round-trip sample.</summary>
    public void OnRoundTrip(TimeSpan latest) => least = samples++ == 0 || latest < least ? latest : least;

    /// <summary>Whether more than <paramref name="room"/> of queue stood in the round that ends; false with too few samples.</summary>
    public readonly bool Stands(TimeSpan minRoundTrip, TimeSpan room) => samples >= SamplesMin && least > minRoundTrip + room;

    /// <summary>Ends a round in which the sender always had something to send.</summary>
    /// <param name="minRoundTrip">The path's least round-trip time.</param>
    /// <param name="room">Queue that may stand.</param>
    /// <param name="step">Bytes given in each round.</param>
    /// <param name="enough">From here on there is no bound.</param>
    public void Judge(TimeSpan minRoundTrip, TimeSpan room, long step, long enough)
    {
        if (Stands(minRoundTrip, room))
            Bytes = (long)(Math.Min(Bytes, flight) * ((minRoundTrip + room) / least)) + step; // REC-066
        else if (samples >= SamplesMin && Bytes != long.MaxValue)
            Bytes = Bytes + step < enough ? Bytes + step : long.MaxValue;
    }

    /// <summary>Starts the next round, unless this one has had too few samples.</summary>
    public void StartRound()
    {
        if (samples >= SamplesMin)
            (samples, flight) = (0, 0);
    }
}
