namespace MsgNet.Core;

/// <summary>
/// Messages that wait one after another and are alike in all that decides how they leave. Their frames stand in the queue's bytes; a
/// request is a run of its own, and its bytes stand with the pending request.
/// </summary>
internal struct QueuedRun
{
    /// <summary>The name they go under; null for replies.</summary>
    public OutgoingName? Name;

    /// <summary>Id of the request; 0 for messages and replies.</summary>
    public ulong RequestId;

    /// <summary>How many they are.</summary>
    public int Count;

    /// <summary>Bytes of their frames, each with its length before it; of a request those of its message.</summary>
    public int Bytes;

    /// <summary>They may ride in the first flight.</summary>
    public bool AllowEarly;

    /// <summary>Each has a datagram of its own.</summary>
    public bool Alone;

    /// <summary>When the first was queued.</summary>
    public Instant QueuedAt;

    /// <summary>True for messages that leave as the others do and came little later than the first.</summary>
    public readonly bool Takes(in QueuedRun other) =>
        Name == other.Name
        && RequestId == 0
        && other.RequestId == 0
        && AllowEarly == other.AllowEarly
        && Alone == other.Alone
        && other.QueuedAt - QueuedAt < Limits.QueueRunSpan;
}
