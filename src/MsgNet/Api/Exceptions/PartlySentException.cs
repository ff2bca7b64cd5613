namespace MsgNet;

/// <summary>
/// <see cref="ISocketSession.SendMessages"/> accepted the first <see cref="Accepted"/> messages and none after them, because of the
/// <see cref="Exception.InnerException"/>: what the session met, or an <see cref="OperationCanceledException"/>. Those accepted are as any
/// others that were: they are not taken back.
/// </summary>
public sealed class PartlySentException : MsgNetException
{
    /// <summary>Says how many were accepted, and why not all.</summary>
    public PartlySentException(int accepted, int count, Exception innerException)
        : base(
            $"The first {accepted} of {count} messages were accepted, the others were not sent: "
            + (innerException ?? throw new ArgumentNullException(nameof(innerException))).Message,
            innerException)
    {
        Accepted = accepted;
        Count = count;
    }

    /// <summary>Messages that were accepted: the first so many; at least 1.</summary>
    public int Accepted { get; }

    /// <summary>Messages of the call.</summary>
    public int Count { get; }
}
