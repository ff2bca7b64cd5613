using MsgNet.Core;

namespace MsgNet;

/// <summary>One host's half of the channel between two sockets. Guarded by its socket's gate; the other half is only ever told.</summary>
internal sealed class MemoryChannel : ICarrierInbox, IReplyTarget
{
    private readonly Dictionary<ProtocolId, Queue<MemoryEvent>> held = [];
    private readonly Dictionary<ulong, MemoryEvent> unhandled = [];
    private ulong lastToken;

    private MemoryChannel(MemorySocket socket, PeerId peer, Multiaddress? address)
    {
        Socket = socket;
        Peer = peer;
        Address = address;
        Requests = new MemoryRequests(socket);
    }

    public MemorySocket Socket { get; }

    public PeerId Peer { get; }

    /// <summary>Where the peer listens; null when it dialled.</summary>
    public Multiaddress? Address { get; }

    public MemoryChannel Other { get; private set; } = null!;

    /// <summary>The other side stands by.</summary>
    public bool IsOpen { get; set; }

    public bool IsClosed { get; set; }

    public HashSet<MemorySession> Sessions { get; } = [];

    public HashSet<MemoryLane> Lanes { get; } = [];

    public MemoryRequests Requests { get; }

    /// <summary>Carries messages outside protocols; made at first use.</summary>
    public MemorySession? RawSession { get; set; }

    /// <inheritdoc/>
    public int ReplySizeMax => Socket.Transport.Guarantees.MessageSizeMax;

    /// <summary>Both halves of a channel from <paramref name="dialler"/> to <paramref name="listener"/>; returns the dialler's.</summary>
    public static MemoryChannel Pair(MemorySocket dialler, MemorySocket listener, Multiaddress address)
    {
        var near = new MemoryChannel(dialler, listener.LocalPeer, address);
        var far = new MemoryChannel(listener, dialler.LocalPeer, null) { Other = near };
        near.Other = far;
        return near;
    }

    /// <summary>Tells the other host.</summary>
    public void Tell(in MemoryEvent happened) => Other.Socket.Mailbox.Put(happened);

    public void Tell(MemoryEventKind kind, string? reason = null) =>
        Tell(new MemoryEvent { Kind = kind, Channel = Other, Reason = reason });

    /// <summary>Takes a message from the other host, or holds it for its handler. Under the gate.</summary>
    public void OnMessage(in MemoryEvent message)
    {
        var protocol = message.Session!.Protocol;
        if (held.TryGetValue(protocol, out var queue) && queue.Count > 0)
        {
            // What is held goes first. A request never waits: its handler's queue is full, and that is its answer.
            if (message.RequestId == 0)
                queue.Enqueue(message);
            else
                Refuse(message, RequestStatus.Busy);
        }
        else if (!Offer(message))
        {
            if (queue is null)
                held.Add(protocol, queue = []);
            queue.Enqueue(message);
        }
    }

    /// <inheritdoc/>
    public void OnRoom(ProtocolId protocol)
    {
        using (Socket.Gate.Enter())
        {
            if (!held.TryGetValue(protocol, out var queue))
                return;

            while (queue.TryPeek(out var message) && Offer(message))
                queue.Dequeue();
        }

        Socket.RunInline();
    }

    /// <inheritdoc/>
    public void OnHandled(ReadOnlySpan<ulong> tokens)
    {
        foreach (var token in tokens)
            Answer(token, MemoryEventKind.Delivered);
    }

    /// <inheritdoc/>
    public void AfterHandled()
    {
    }

    /// <inheritdoc/>
    public void OnDropped(ulong token) => Answer(token, MemoryEventKind.Refused);

    /// <inheritdoc/>
    public void Reply(PeerId peer, ulong requestId, RequestStatus status, ReadOnlySpan<byte> data)
    {
        var fits = data.Length <= ReplySizeMax;
        Tell(new MemoryEvent
        {
            Kind = MemoryEventKind.Reply,
            Channel = Other,
            RequestId = requestId,
            Status = fits ? status : RequestStatus.ReplyTooLarge,
            Buffer = MemoryBuffers.Copy(fits ? data : default),
            Length = fits ? data.Length : 0,
        });
    }

    /// <summary>A message outside protocols was read: its room is free. Under the gate.</summary>
    public void OnRawRead(in MemoryEvent message) => Finish(message, MemoryEventKind.Taken);

    /// <summary>Drops all that is held. Under the gate.</summary>
    public void Clear()
    {
        foreach (var message in held.Values.SelectMany(queue => queue))
            Socket.Return(message);
        held.Clear();
        unhandled.Clear();
    }

    /// <summary>Offers a message to its handler; false when it has to be held.</summary>
    private bool Offer(in MemoryEvent message)
    {
        if (message.Session!.Protocol.IsEmpty)
        {
            Socket.OnRawMessage(message);
            return true;
        }

        var isRequest = message.RequestId != 0;
        var token = message.Tracked ? ++lastToken : 0;
        if (message.Tracked)
            unhandled.Add(token, message);
        var result = Socket.Hand(this, new IncomingMessage
        {
            From = Peer,
            Protocol = message.Session.Protocol,
            Data = message.Data,
            Delivery = Delivery.ReliableOrdered,
            ReplyTo = isRequest ? this : null,
            RequestId = message.RequestId,
            Inbox = isRequest ? null : this,
            Token = token,
        });
        if (result != SinkResult.Taken)
            unhandled.Remove(token);
        if (result == SinkResult.Busy && !isRequest)
            return false;

        if (result == SinkResult.Taken)
            Finish(message, MemoryEventKind.Taken);
        else if (isRequest)
            Refuse(message, result == SinkResult.Busy ? RequestStatus.Busy : RequestStatus.ProtocolNotSupported);
        else
            Finish(message, MemoryEventKind.Refused);
        return true;
    }

    private void Refuse(in MemoryEvent request, RequestStatus status)
    {
        Reply(Peer, request.RequestId, status, default);
        Finish(request, MemoryEventKind.Taken);
    }

    private void Finish(in MemoryEvent message, MemoryEventKind answer)
    {
        Socket.Return(message);
        Answer(message, answer);
    }

    private void Answer(ulong token, MemoryEventKind kind)
    {
        if (token == 0)
            return;

        using (Socket.Gate.Enter())
        {
            if (unhandled.Remove(token, out var message))
                Answer(message, kind);
        }
    }

    private void Answer(in MemoryEvent message, MemoryEventKind kind) => Tell(new MemoryEvent
    {
        Kind = kind,
        Channel = Other,
        Session = message.Session,
        Number = message.Number,
        Length = message.Length,
    });
}
