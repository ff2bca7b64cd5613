namespace MsgNet.Core;

/// <summary>
/// An address other than its path's from which a peer was heard: the bytes that went there and came from there, and how far the proof that
/// the peer really is there has come. The proof is an F2 with a token that was sent to this address and nowhere else (SEC-088).
/// </summary>
internal sealed class PathCandidate
{
    /// <summary>A datagram that holds one F1 or F2 and nothing else.</summary>
    public const int ProbeSizeMin = Limits.SealOverhead + 10;

    private long received;
    private long sent;
    private ulong token;
    private ulong? answer;
    private int challenges;
    private Instant challengedAt;

    public NetAddress Address { get; private set; }

    /// <summary>When the peer was last heard from here.</summary>
    public Instant HeardAt { get; private set; }

    /// <summary>A proof is asked for.</summary>
    public bool IsValidating { get; private set; }

    /// <summary>When the proof is given up.</summary>
    public Instant Deadline { get; private set; } = Instant.Never;

    /// <summary>When the next challenge may leave; never when none is left, or the ledger has no room for one.</summary>
    public Instant NextChallenge { get; private set; } = Instant.Never;

    /// <summary>An F1 came from here and its F2 can leave.</summary>
    public bool HasAnswer => answer is not null && Room >= ProbeSizeMin;

    /// <summary>From the only challenge sent to <paramref name="now"/>; null when it is not known which of several was answered.</summary>
    public TimeSpan? RoundTrip(Instant now) => challenges == 1 ? now - challengedAt : null;

    // SEC-081: whatever leaves for an address that is not proven.
    private long Room => (received * Limits.AmplificationFactor) - sent;

    /// <summary>Takes the place for another address; what it knew of the former one is forgotten, credit included.</summary>
    public void Begin(Instant now, in NetAddress address, int bytes)
    {
        Address = address;
        received = sent = 0;
        answer = null;
        Stop();
        OnHeard(now, bytes);
    }

    /// <summary>A packet opened that came from here.</summary>
    public void OnHeard(Instant now, int bytes)
    {
        HeardAt = now;
        received += bytes;
        if (IsValidating && NextChallenge.IsNever && challenges < Limits.PathChallengesMax && Room >= ProbeSizeMin)
            NextChallenge = now; // the ledger had no room for it until now
    }

    /// <summary>Starts to ask for a proof.</summary>
    public void Validate(Instant now, ulong freshToken, Instant deadline)
    {
        IsValidating = true;
        token = freshToken;
        challenges = 0;
        Deadline = deadline;
        NextChallenge = Room >= ProbeSizeMin ? now : Instant.Never;
    }

    /// <summary>No proof is wanted any more; the ledger stays.</summary>
    public void Stop()
    {
        IsValidating = false;
        Deadline = NextChallenge = Instant.Never;
    }

    /// <summary>True for the F2 that proves the address.</summary>
    public bool IsProvenBy(ulong response) => IsValidating && challenges > 0 && response == token;

    /// <summary>An F1 came from here; the newest is answered, once.</summary>
    public void Ask(ulong challenge) => answer = challenge; // MP-011

    /// <summary>The F2 that leaves now.</summary>
    public ulong TakeAnswer()
    {
        var taken = answer!.Value;
        answer = null;
        sent += ProbeSizeMin;
        return taken;
    }

    /// <summary>The challenge that leaves now, and how long its datagram is.</summary>
    /// <param name="now">The moment.</param>
    /// <param name="wait">Until the next one.</param>
    /// <param name="size">As long as a datagram of the new path, as far as the ledger allows with something left for the next ones.</param>
    public ulong TakeChallenge(Instant now, TimeSpan wait, out int size)
    {
        challenges++;
        challengedAt = now;
        var kept = (Limits.PathChallengesMax - challenges) * ProbeSizeMin;
        size = (int)Math.Clamp(Room - kept, ProbeSizeMin, Limits.DatagramSizeMin);
        sent += size;
        NextChallenge = challenges < Limits.PathChallengesMax && Room >= ProbeSizeMin ? now + wait : Instant.Never;
        return token;
    }
}
