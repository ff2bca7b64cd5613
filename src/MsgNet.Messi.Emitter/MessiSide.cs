namespace MsgNet.Messi.Emitter;

/// <summary>Which classes are generated.</summary>
internal enum MessiSide
{
    /// <summary>Clients and servers.</summary>
    Both,

    /// <summary>What a client needs.</summary>
    Client,

    /// <summary>What a server needs.</summary>
    Server,
}
