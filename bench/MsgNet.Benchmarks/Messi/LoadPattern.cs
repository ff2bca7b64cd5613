namespace MsgNet.Benchmarks.Loads;

internal enum LoadPattern
{
    /// <summary>Clients send as fast as they can.</summary>
    ToServer,

    /// <summary>The server sends to its client as fast as it can.</summary>
    ToClient,

    /// <summary>Each client sends when the answer to what it sent last is there.</summary>
    Echo,

    /// <summary>The server sends each message to all.</summary>
    Broadcast,
}
