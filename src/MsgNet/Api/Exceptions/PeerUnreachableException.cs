namespace MsgNet;

/// <summary>No address of the peer is known, or none answered; <see cref="Attempts"/> says what was tried.</summary>
public sealed class PeerUnreachableException : MsgNetException
{
    /// <summary>Says what was tried to reach <paramref name="peer"/>.</summary>
    public PeerUnreachableException(PeerId peer, IReadOnlyList<DialAttempt> attempts)
        : base(Describe(peer, attempts))
    {
        Peer = peer;
        Attempts = attempts;
    }

    /// <summary>The peer.</summary>
    public PeerId Peer { get; }

    /// <summary>Every address tried and why it failed; empty when none was known.</summary>
    public IReadOnlyList<DialAttempt> Attempts { get; }

    private static string Describe(PeerId peer, IReadOnlyList<DialAttempt> attempts)
    {
        ArgumentNullException.ThrowIfNull(attempts);
        return attempts.Count == 0
            ? $"No address of {peer} is known; add one with Network.Peerstore.AddAddress."
            : $"{peer} cannot be reached: {string.Join("; ", attempts.Select(attempt => $"{attempt.Target}: {attempt.Error}"))}. "
                + "Check that the peer runs, that it is this peer, and that UDP passes.";
    }
}
