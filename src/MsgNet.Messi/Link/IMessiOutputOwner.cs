namespace MsgNet.Messi;

/// <summary>Whom a <see cref="MessiOutput"/> tells what happens. Called under no lock.</summary>
internal interface IMessiOutputOwner
{
    /// <summary>All pings and pongs that were queued have been handed to the carrier.</summary>
    void OnControlsSent();

    /// <summary>Messages were handed to the carrier.</summary>
    void OnSent(long messages, long bytes);

    /// <summary>A write failed; nothing more is written.</summary>
    /// <param name="exception">What went wrong.</param>
    /// <param name="wasControl">It was a ping or a pong by itself.</param>
    void OnWriteFailed(Exception exception, bool wasControl);
}
