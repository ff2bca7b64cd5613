namespace MsgNet.LoadBench.Contestants;

/// <summary>How the messages of <see cref="MsgNetHosts"/> travel.</summary>
internal enum MsgNetForm
{
    /// <summary>Unreliable, many handed over at once, so that many share a datagram.</summary>
    Unreliable,

    /// <summary>Unreliable, one handed over at a time, so that each leaves in a datagram of its own if it may leave at once.</summary>
    Single,

    /// <summary>Reliable, over an unordered lane.</summary>
    Reliable,

    /// <summary>Reliable and ordered, over an ordered lane.</summary>
    Ordered,

    /// <summary>Requests that are awaited; round trips only.</summary>
    Request,
}
