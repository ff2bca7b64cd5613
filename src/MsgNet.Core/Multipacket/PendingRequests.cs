using System.Diagnostics.CodeAnalysis;

namespace MsgNet.Core;

/// <summary>
/// The requester's open requests to one peer. A container: its owner supplies the PTO, writes the frames and releases the ids. Each request
/// is sent again after PTO, doubling, until <see cref="TryTake"/> (reply or cancellation) or its deadline; the first of these wins, since a
/// request that is taken is no longer here. Every operation is O(log n), n ≤ 1,024; objects and buffers are used again. Not safe for
/// concurrent use.
/// </summary>
internal sealed class PendingRequests
{
    // 2^20 PTOs are beyond every deadline; a further doubling could only overflow.
    private const int DoublingsMax = 20;

    private readonly RequestHeap sends = new(byDeadline: false);
    private readonly RequestHeap deadlines = new(byDeadline: true);
    private readonly Dictionary<ulong, PendingRequest> byId = [];
    private Stack<PendingRequest>? spare;

    /// <summary>Requests open, 0 to 1,024.</summary>
    public int Count => byId.Count;

    /// <summary>The earliest moment at which a request is to be sent again or given up.</summary>
    public Instant NextTimer => Count == 0 ? Instant.Never : Instant.Min(sends.First, deadlines.First);

    /// <summary>Adds a request that waits to be sent over an unreliable carrier; <see cref="OnSent"/> arms its repetition.</summary>
    /// <param name="id">Its id.</param>
    /// <param name="protocol">Its protocol.</param>
    /// <param name="data">Its message; copied.</param>
    /// <param name="state">Anything; comes back in <see cref="TakenRequest"/>.</param>
    /// <param name="deadline">When to give up.</param>
    /// <exception cref="ArgumentException">The id is pending already.</exception>
    public void Add(ulong id, ProtocolId protocol, ReadOnlySpan<byte> data, object? state, Instant deadline) =>
        Insert(id, protocol, data, state, deadline, null);

    /// <summary>Adds a request that went over a lane or a stream, and so is sent once (REQ-026).</summary>
    /// <param name="id">Its id.</param>
    /// <param name="protocol">Its protocol.</param>
    /// <param name="state">Anything; comes back in <see cref="TakenRequest"/>.</param>
    /// <param name="deadline">When to give up.</param>
    /// <param name="carrier">The lane or stream: what <see cref="TryTakeCarried"/> finds it by.</param>
    /// <exception cref="ArgumentException">The id is pending already.</exception>
    public void AddOnce(ulong id, ProtocolId protocol, object? state, Instant deadline, object carrier)
    {
        ArgumentNullException.ThrowIfNull(carrier);
        Insert(id, protocol, default, state, deadline, carrier);
    }

    /// <summary>
    /// The request that is to be sent again first, if any is due. It stays the answer until <see cref="OnSent"/>,
    /// <see cref="Defer(PendingRequest, Instant)"/> or <see cref="TryTake"/>; take the expired ones first. The object is borrowed until
    /// then.
    /// </summary>
    public bool TryPeekDue(Instant now, [NotNullWhen(true)] out PendingRequest? request)
    {
        request = !sends.First.IsNever && sends.First <= now ? sends.Peek() : null;
        return request is not null;
    }

    /// <summary>The message of an open request; false when it has ended.</summary>
    public bool TryGetData(ulong id, out ReadOnlySpan<byte> data)
    {
        var found = byId.TryGetValue(id, out var request);
        data = found ? request!.Data : default;
        return found;
    }

    /// <summary>
    /// A request was sent: next after <paramref name="pto"/>, doubled once for each repetition. Nothing happens when it has ended.
    /// </summary>
    public void OnSent(Instant now, ulong id, TimeSpan pto)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(pto, TimeSpan.Zero);
        if (!byId.TryGetValue(id, out var request))
            return;

        request.FirstSentAt = Instant.Min(request.FirstSentAt, now);
        Defer(request, now + (pto * (1 << Math.Min(request.Sends, DoublingsMax))));
        request.Sends++; // REQ-021
    }

    /// <summary>True for an open request that was sent under keys: it may go in no first flight, which another life may get.</summary>
    internal bool WentUnderKeys(ulong id) => byId.TryGetValue(id, out var request) && request.WentUnderKeys;

    /// <summary>The sending just noted was no first flight: another life of the peer must not get this request.</summary>
    internal void NoteKeys(ulong id)
    {
        if (byId.TryGetValue(id, out var request))
            request.WentUnderKeys = true;
    }

    /// <summary>The request cannot be sent before <paramref name="until"/>, when the path opens; this is no repetition.</summary>
    /// <exception cref="ArgumentException">The request has been taken.</exception>
    public void Defer(PendingRequest request, Instant until)
    {
        ArgumentNullException.ThrowIfNull(request);
        if (!sends.Contains(request))
            throw new ArgumentException("That request has been taken: use the one TryPeekDue shows.", nameof(request));

        request.NextSend = until;
        sends.Update(request);
    }

    /// <summary>The same for the request with that id; nothing happens when it has ended.</summary>
    public void Defer(ulong id, Instant until)
    {
        if (byId.TryGetValue(id, out var request))
            Defer(request, until);
    }

    /// <summary>
    /// Takes out the request that a REPLY answers. False when it is not here, or went another way: an answer returns by the way of its
    /// question.
    /// </summary>
    /// <param name="id">Its id.</param>
    /// <param name="carrier">The lane or stream the REPLY came over; null for datagrams.</param>
    /// <param name="taken">The request.</param>
    public bool TryTakeReplied(ulong id, object? carrier, out TakenRequest taken)
    {
        taken = default;
        return byId.TryGetValue(id, out var request) && ReferenceEquals(request.Carrier, carrier) && TryTake(id, out taken); // REQ-026
    }

    /// <summary>
    /// Takes a request out: its reply arrived, or its caller cancelled. False when it is not here: taken before, or never sent.
    /// </summary>
    public bool TryTake(ulong id, out TakenRequest taken)
    {
        var found = byId.TryGetValue(id, out var request); // REQ-011
        taken = found ? Remove(request!) : default;
        return found;
    }

    /// <summary>Takes out one request whose deadline has passed; call until false.</summary>
    public bool TryTakeExpired(Instant now, out TakenRequest taken)
    {
        var found = byId.Count > 0 && deadlines.First <= now;
        taken = found ? Remove(deadlines.Peek()) : default;
        return found;
    }

    /// <summary>Takes out one request, whatever it is: the session has ended; call until false.</summary>
    public bool TryTakeAny(out TakenRequest taken) => TryTakeExpired(Instant.Never, out taken);

    /// <summary>
    /// Takes out one request that was first sent before a moment, or under keys at any: the peer that got it is gone; call until false.
    /// </summary>
    public bool TryTakeSentBefore(Instant moment, out TakenRequest taken)
    {
        foreach (var request in byId.Values)
        {
            if (request.FirstSentAt < moment || request.WentUnderKeys) // SEC-104
            {
                taken = Remove(request);
                return true;
            }
        }

        taken = default;
        return false;
    }

    /// <summary>Takes out one request that went over a lane or stream which has ended; call until false.</summary>
    public bool TryTakeCarried(object carrier, out TakenRequest taken)
    {
        foreach (var request in byId.Values)
        {
            if (ReferenceEquals(request.Carrier, carrier))
            {
                taken = Remove(request);
                return true;
            }
        }

        taken = default;
        return false;
    }

    private void Insert(ulong id, ProtocolId protocol, ReadOnlySpan<byte> data, object? state, Instant deadline, object? carrier)
    {
        if (byId.ContainsKey(id))
            throw new ArgumentException($"Request {id} is pending already: take each id from OutgoingIds.", nameof(id));

        Invariant.Check(byId.Count < Limits.OpenIdsMax);

        var request = spare is { Count: > 0 } ? spare.Pop() : new PendingRequest();
        request.Begin(id, protocol, data, state, deadline, carrier);
        byId.Add(id, request);
        sends.Add(request);
        deadlines.Add(request);
    }

    private TakenRequest Remove(PendingRequest request)
    {
        byId.Remove(request.Id);
        sends.Remove(request);
        deadlines.Remove(request);
        (spare ??= new Stack<PendingRequest>()).Push(request);
        return request.End();
    }
}
