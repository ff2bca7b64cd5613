namespace MsgNet.Messi;

/// <summary>What becomes of what waits when a connection ends.</summary>
internal enum MessiEnding
{
    /// <summary>Nothing is sent or handled any more.</summary>
    Abort,

    /// <summary>The peer did wrong, or a handler failed: what waits is sent, nothing is handled any more.</summary>
    Error,

    /// <summary>The peer has ended it, or sent what cannot be read: what waits is sent, what came before is handled.</summary>
    Remote,

    /// <summary>This end has asked for it: what waits is sent, and the peer's end is waited for, so that nothing is lost under
    /// way.</summary>
    Local,
}
