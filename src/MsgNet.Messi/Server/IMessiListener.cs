namespace MsgNet.Messi;

/// <summary>Where the clients of a server come from.</summary>
internal interface IMessiListener
{
    /// <summary>Where it listens; valid once it does.</summary>
    string Address { get; }

    /// <summary>The format for clients that do not show theirs.</summary>
    MessiWireFormat WireFormat { get; }

    /// <summary>The carriers themselves notice that a client is gone.</summary>
    bool HasLiveness { get; }

    /// <summary>Begins to bring clients to the server.</summary>
    Task Start(MessiServerCore server, CancellationToken cancellationToken);

    /// <summary>Brings no more; completes when none is under way.</summary>
    Task Stop();
}
