namespace MsgNet.LoadBench.Contestants;

/// <summary>How the messages of <see cref="MsgNetHosts"/> travel.</summary>
internal enum MsgNetForm
{
    /// <summary>Unreliable, as many in a datagram as wait.</summary>
    Unreliable,

    /// <summary>Reliable, over an unordered lane.</summary>
    Reliable,

    /// <summary>Reliable and ordered, over an ordered lane.</summary>
    Ordered,

    /// <summary>Requests that are awaited; round trips only.</summary>
    Request,
}
