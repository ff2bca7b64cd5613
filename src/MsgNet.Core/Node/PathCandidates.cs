using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// The addresses beside its path from which one peer was heard lately, at most <see cref="Limits.PathCandidatesMax"/>: the one not heard
/// from for longest gives way. Forgetting an address forgets its credit, so a ledger never gains by it.
/// </summary>
internal sealed class PathCandidates
{
    private readonly List<PathCandidate> entries = [];

    /// <summary>The address that is left is asked too, once for each candidate.</summary>
    public bool IsOldPathAsked { get; set; }

    /// <summary>When something is due.</summary>
    public Instant NextTimer
    {
        get
        {
            var next = IsOldPathAsked ? Instant.Zero : Instant.Never;
            foreach (var entry in entries)
                next = Instant.Min(next, entry.HasAnswer ? Instant.Zero : Instant.Min(entry.NextChallenge, entry.Deadline));
            return next;
        }
    }

    /// <summary>The entry of an address.</summary>
    public bool TryFind(in NetAddress address, [NotNullWhen(true)] out PathCandidate? found)
    {
        foreach (var entry in entries)
        {
            if (entry.Address == address)
            {
                found = entry;
                return true;
            }
        }

        found = null;
        return false;
    }

    /// <summary>The entry of an address, made if need be with <paramref name="bytes"/> of credit.</summary>
    public PathCandidate GetOrAdd(Instant now, in NetAddress address, int bytes)
    {
        if (TryFind(address, out var found))
            return found;

        found = entries.Count < Limits.PathCandidatesMax ? new PathCandidate() : Oldest();
        if (entries.Count < Limits.PathCandidatesMax)
            entries.Add(found);
        found.Begin(now, address, bytes);
        return found;
    }

    /// <summary>Forgets an address.</summary>
    public void Remove(PathCandidate entry) => entries.Remove(entry);

    /// <summary>The peer has shown that it is where its path leads: nobody else needs to prove anything.</summary>
    public void StopAll()
    {
        IsOldPathAsked = false;
        foreach (var entry in entries)
            entry.Stop();
    }

    /// <summary>Gives up what was not proven in time.</summary>
    public void Expire(Instant now)
    {
        foreach (var entry in entries)
        {
            if (now >= entry.Deadline)
                entry.Stop();
        }
    }

    /// <summary>One that has something to send now.</summary>
    public bool TryFindDue(Instant now, [NotNullWhen(true)] out PathCandidate? due)
    {
        foreach (var entry in entries)
        {
            if (entry.HasAnswer || now >= entry.NextChallenge)
            {
                due = entry;
                return true;
            }
        }

        due = null;
        return false;
    }

    private PathCandidate Oldest()
    {
        var oldest = entries[0];
        foreach (var entry in entries)
        {
            if (entry.HeardAt < oldest.HeardAt)
                oldest = entry;
        }

        return oldest;
    }
}
