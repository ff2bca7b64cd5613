using System.Collections.Concurrent;
using MsgNet.Core;

namespace MsgNet;

// What sessions, channels and the mailbox need of the socket.
internal sealed partial class MemorySocket
{
    /// <summary>Takes what other hosts told. On the scheduler, under no lock.</summary>
    public void Receive(ConcurrentQueue<MemoryEvent> events, int max)
    {
        using (Gate.Enter())
        {
            for (var count = 0; count < max && events.TryDequeue(out var happened); count++)
                OnEvent(happened);
            if (!drained.IsEmpty && IsDrained())
                drained.ReleaseAll();
        }

        RunInline();
    }

    /// <summary>Runs inline handlers of messages that were handed over, under no lock.</summary>
    public void RunInline() => context.Sink.RunInline();

    /// <summary>The channel to a peer, dialled when there is none; null, and why, when nobody answers there. Under the gate.</summary>
    public MemoryChannel? Connect(PeerInfo peer, out IReadOnlyList<DialAttempt> attempts)
    {
        attempts = [];
        if (channels.Find(peer.Id) is { } known)
            return known;

        var failed = new List<DialAttempt>();
        foreach (var address in peer.Addresses)
        {
            if (WhyNotDial(peer.Id, address, out var listener) is { } reason)
            {
                failed.Add(new DialAttempt(address.ToString(), reason));
                continue;
            }

            var channel = MemoryChannel.Pair(this, listener!, address);
            channels.Add(channel);
            channel.Tell(MemoryEventKind.Open);
            return channel;
        }

        attempts = failed;
        context.Observer.OnPeerEvent(PeerEventKind.Unreachable, peer.Id, null, string.Join("; ", failed.Select(attempt => attempt.Error)));
        return null;
    }

    /// <summary>Hands a message to the session that takes it, or to the host's handlers. Under the gate.</summary>
    public SinkResult Hand(MemoryChannel channel, in IncomingMessage message)
    {
        if (!consumers.TryGetValue((message.From, message.Protocol), out var session))
            return context.Sink.ConsumerOf(message.Protocol)?.Offer(message) ?? SinkResult.NoHandler;

        session.Bind(channel);
        return session.Consumer!.Offer(message);
    }

    /// <summary>Takes a message outside protocols. Under the gate.</summary>
    public void OnRawMessage(in MemoryEvent message) => raw.Add(message);

    /// <summary>Gives back a message's buffer.</summary>
    public void Return(in MemoryEvent message) => MemoryBuffers.Return(message.Buffer, context.Options.PoisonReturnedBuffers);

    /// <summary>
    /// Where answers to messages outside protocols go: where it listens, else a number taken for that purpose. Under the gate.
    /// </summary>
    public Multiaddress ReturnAddress()
    {
        if (numbers.Count == 0)
        {
            replyNumber = hub.ListenAnywhere(this);
            numbers.Add(replyNumber);
        }

        return MemoryAddress.Of(numbers[0]).WithPeerId(LocalPeer);
    }

    /// <summary>Every session may have room. Under the gate.</summary>
    public void OnRoom()
    {
        foreach (var session in sessions)
            session.OnRoom();
    }

    /// <summary>Forgets a session that has ended. Under the gate.</summary>
    public void Forget(MemorySession session)
    {
        sessions.Remove(session);
        if (session.Consumer is not null)
            consumers.Remove((session.Remote.Id, session.Protocol));
        if (!drained.IsEmpty && IsDrained())
            drained.ReleaseAll();
    }

    /// <summary>Sees to it that requests of that deadline end in time. Under the gate.</summary>
    public void WatchDeadline(Instant deadline)
    {
        if (deadline >= nextDeadline)
            return;

        nextDeadline = deadline;
        deadlines.Set(deadline);
    }

    private void OnDeadline()
    {
        using (Gate.Enter())
        {
            var now = context.Platform.Now;
            if (closed || nextDeadline > now)
                return;

            nextDeadline = Instant.Never;
            foreach (var channel in channels.All())
                WatchDeadline(channel.Requests.FailDue(now));
        }
    }

    private void OnEvent(in MemoryEvent happened)
    {
        var channel = happened.Channel;
        if (happened.Kind == MemoryEventKind.Open)
        {
            OnOpen(channel);
            return;
        }

        if (channel.IsClosed)
        {
            Return(happened);
            return;
        }

        switch (happened.Kind)
        {
            case MemoryEventKind.Opened:
                OnStands(channel);
                break;
            case MemoryEventKind.Message:
                channel.OnMessage(happened);
                break;
            case MemoryEventKind.Taken:
                happened.Session!.OnTaken(happened.Length);
                break;
            case MemoryEventKind.Delivered:
                happened.Session!.OnDelivered(happened.Number);
                break;
            case MemoryEventKind.Refused:
                happened.Session!.End(new ProtocolNotSupportedException(channel.Peer, happened.Session.Protocol));
                break;
            case MemoryEventKind.Reply:
                channel.Requests.Remove(happened.RequestId)?.Complete(happened.Status, happened.Data, Delivery.ReliableOrdered);
                Return(happened);
                break;
            case MemoryEventKind.Goodbye:
                OnGoodbye(channel, happened.Reason ?? "");
                break;
            case >= MemoryEventKind.StreamOpen and <= MemoryEventKind.StreamStop:
                OnStreamEvent(happened);
                break;
            default:
                throw new InvalidOperationException($"{happened.Kind} is no event of the memory transport. This is a bug in MsgNet.");
        }
    }

    private void OnOpen(MemoryChannel channel)
    {
        var full = channels.PeerCount >= context.Options.PeersMax && channels.Find(channel.Peer) is null;
        if (closed || full)
        {
            channel.IsClosed = true;
            channel.Tell(MemoryEventKind.Goodbye, closed ? "it has closed" : "it has as many peers as MsgNetOptions.PeersMax allows");
            return;
        }

        channels.Add(channel);
        channel.Tell(MemoryEventKind.Opened);
        OnStands(channel);
    }

    private void OnStands(MemoryChannel channel)
    {
        var first = !channels.IsOpen(channel.Peer);
        channel.IsOpen = true;
        if (first)
            context.Observer.OnPeerEvent(PeerEventKind.Connected, channel.Peer, channel.Address, "");
    }

    private void OnGoodbye(MemoryChannel channel, string reason)
    {
        if (channel.IsOpen)
        {
            Close(channel, new SessionLostException(channel.Peer, PeerLoss.ClosedByPeer, maybeDelivered: true), reason, tell: false);
            return;
        }

        var error = new PeerUnreachableException(channel.Peer, [new DialAttempt($"{channel.Address}", reason)]);
        Close(channel, error, reason, tell: false);
        context.Observer.OnPeerEvent(PeerEventKind.Unreachable, channel.Peer, channel.Address, reason);
    }

    private void Close(MemoryChannel channel, Exception? error, string reason, bool tell = true)
    {
        channel.IsClosed = true;
        channels.Remove(channel);
        if (tell)
            channel.Tell(MemoryEventKind.Goodbye, reason);
        channel.Clear();
        foreach (var session in channel.Sessions.ToArray())
            session.End(error);
        var lost = error as MsgNetException ?? new SessionLostException(channel.Peer, PeerLoss.ClosedLocally, maybeDelivered: true);
        foreach (var lane in channel.Lanes.ToArray())
            lane.End(lost);
        channel.Requests.FailAll(lost);
        if (channel.IsOpen && !channels.IsOpen(channel.Peer))
            context.Observer.OnPeerEvent(PeerEventKind.Disconnected, channel.Peer, channel.Address, reason);
    }

    private string? WhyNotDial(PeerId peer, Multiaddress address, out MemorySocket? listener)
    {
        listener = MemoryAddress.TryRead(address, out var number) ? hub.Find(number) : null;
        if (channels.PeerCount >= context.Options.PeersMax)
            return "this host has as many peers as MsgNetOptions.PeersMax allows";
        if (listener is null)
            return "nothing listens there in this process";

        return listener.LocalPeer == peer ? null : $"{listener.LocalPeer} listens there";
    }

    private MemorySession Open(ProtocolId protocol, PeerInfo peer, SendOptions options, HandlerQueue? consumer)
    {
        ThrowIfClosed();
        var session = new MemorySession(this, protocol, peer, options, consumer);
        sessions.Add(session);
        return session;
    }

    private bool TryListen(ulong number)
    {
        if (number == 0)
            number = hub.ListenAnywhere(this);
        else if (!hub.TryListen(number, this))
            return false;

        if (number == replyNumber)
            replyNumber = 0;
        if (!numbers.Contains(number))
            numbers.Add(number);
        return true;
    }

    private bool IsDrained()
    {
        foreach (var session in sessions)
        {
            if (!session.IsDrained)
                return false;
        }

        return channels.All().All(channel => channel.Lanes.All(lane => lane.IsDrained));
    }

    private void CheckPeer(ProtocolId protocol, PeerInfo peer)
    {
        ArgumentNullException.ThrowIfNull(peer);
        if (protocol.IsEmpty)
            throw new ArgumentException("The default ProtocolId names no protocol: pass a name such as \"/kad/1.0\".", nameof(protocol));
        if (peer.Id.IsEmpty)
            throw new ArgumentException("The empty peer id names nobody: pass the id of a peer.", nameof(peer));
        if (peer.Id == LocalPeer)
            throw new ArgumentException("This is the host's own id: a host sends messages to other peers only.", nameof(peer));
    }

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(closed, this);
}
