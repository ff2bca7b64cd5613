namespace MsgNet.LoadBench.Contestants;

/// <summary>How the messages of <see cref="MsgNetHosts"/> travel.</summary>
internal enum MsgNetForm
{
    /// <summary>Unreliable, many in a datagram.</summary>
    Unreliable,

    /// <summary>Unreliable, each in a datagram of its own.</summary>
    Single,

    /// <summary>Reliable, over an unordered lane.</summary>
    Reliable,

    /// <summary>Reliable and ordered, over an ordered lane.</summary>
    Ordered,

    /// <summary>Unreliable, between hosts whose threads look for datagrams for longer before they sleep; round trips only.</summary>
    Spinning,

    /// <summary>Unreliable, between hosts whose threads sleep at once; round trips only.</summary>
    Sleeping,

    /// <summary>Requests that are awaited; round trips only.</summary>
    Request,
}
