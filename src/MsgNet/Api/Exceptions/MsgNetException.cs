namespace MsgNet;

/// <summary>
/// The base of everything MsgNet throws for failures of the environment, the network or a peer; misuse throws
/// <see cref="ArgumentException"/> or <see cref="InvalidOperationException"/>.
/// </summary>
// API-111
public class MsgNetException : Exception
{
    /// <inheritdoc/>
    public MsgNetException()
    {
    }

    /// <inheritdoc/>
    public MsgNetException(string message)
        : base(message)
    {
    }

    /// <inheritdoc/>
    public MsgNetException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
