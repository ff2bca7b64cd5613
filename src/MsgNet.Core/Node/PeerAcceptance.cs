namespace MsgNet.Core;

/// <summary>Whether a peer is wanted here (SEC-067).</summary>
internal enum PeerAcceptance
{
    /// <summary>Nobody was asked.</summary>
    Unknown,

    /// <summary>The driver was asked and has not answered.</summary>
    Asked,

    /// <summary>The driver said yes, or dialled it.</summary>
    Accepted,
}
