namespace MsgNet.Core;

/// <summary>An end of a Messi connection.</summary>
public enum MessiRole
{
    /// <summary>The end that connects and pings.</summary>
    Client,

    /// <summary>The end that listens and answers pings.</summary>
    Server,
}
