using MsgNet.Core;

namespace MsgNet;

/// <content>What the parts of a socket share. Everything here is used under the gate.</content>
public sealed partial class MspSocket
{
    // MSP-142: as long as the protocol waits for a silent peer.
    private static readonly TimeSpan LingerMax = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan DeliverMax = TimeSpan.FromMinutes(2);
    private readonly MspSockets owner;
    private readonly MspCalls calls;
    private readonly MspWaits waits;
    private readonly Completion completion;
    private MspStates own;
    private IMspLink? link;
    private MspHandler? handler;
    private Multiaddress? local;
    private Multiaddress? remote;
    private Exception? handlerFailure;
    private Instant lingersUntil = Instant.Never;
    private Instant deliversUntil = Instant.Never;
    private bool isStarted;
    private bool isFreed;
    private bool isDisposed;

    internal MspSocket(MspSockets owner, bool keepsData)
    {
        this.owner = owner;
        KeepsData = keepsData;
        calls = new MspCalls(owner, this);
        waits = new MspWaits(owner, this);
        completion = new Completion(owner.Scheduler);
    }

    /// <summary>What arrives waits until it is received or, of a listener, accepted.</summary>
    internal bool KeepsData { get; private set; }

    internal IMspLink? Link => link;

    /// <summary>What is called; null too once the user has disposed the socket.</summary>
    internal MspHandler? Handler => isDisposed ? null : handler;

    internal MspStates StatesNow => own | (link?.States ?? MspStates.Initialising);

    internal bool IsFreed => isFreed;

    /// <summary>No message follows those that wait to be sent.</summary>
    internal bool IsShutdownWanted => (own & MspStates.ShutdownLocal) != 0;

    private bool IsValidNow => !isFreed && !isDisposed;

    internal bool Has(MspStates state) => (StatesNow & state) != 0;

    /// <summary>It is over: what to tell those who waited for something else.</summary>
    internal Exception Ended() =>
        isDisposed
            ? new ObjectDisposedException(nameof(MspSocket), "The socket was disposed: make another.")
            : Failure() ?? new MsgNetException($"The {Name} is over: it was stopped or shut down on this side.");

    /// <summary>Connects, and waits until the peer has answered; disposes the socket if that fails.</summary>
    internal ValueTask<MspSocket> ConnectAndWait(Multiaddress to, CancellationToken cancellationToken)
    {
        try
        {
            Start(() => Attach(owner.Carrier.Connect(owner.Now, this, local: null, to)));
        }
        catch (ArgumentException)
        {
            AbandonNow();
            throw;
        }

        var connected = waits.Connected(cancellationToken);
        owner.Touch();
        return connected;
    }

    /// <summary>A stream's read.</summary>
    internal ValueTask<int> Read(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using (owner.Gate.Enter())
        {
            RequireReadable();
            var reading = waits.Receive(owner.Now, buffer, asStream: true, cancellationToken);
            owner.Touch();
            return reading;
        }
    }

    /// <summary>A stream's write.</summary>
    internal ValueTask Write(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using (owner.Gate.Enter())
        {
            RequireSendable();
            if (link is null || Has(MspStates.Closed))
                return ValueTask.FromException(MspWaits.Lost(Ended()));

            var writing = waits.Write(owner.Now, link, bytes, cancellationToken);
            owner.Touch();
            return writing;
        }
    }

    /// <summary>A connection that a listener took: a new socket, in the listener's place from the start.</summary>
    internal void AttachAccepted(IMspLink accepted, MspHandler? inherited)
    {
        isStarted = true;
        handler = inherited; // MSP-122
        Attach(accepted);
    }

    /// <summary>A listener has a new connection; false when there is no room for another that nobody accepts.</summary>
    internal bool TryAccept(IMspLink accepted, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out MspSocket? child)
    {
        child = null;
        if (isDisposed || (KeepsData && waits.IsBacklogFull))
            return false;

        child = owner.Add(KeepsData);
        child.AttachAccepted(accepted, Handler);
        if (KeepsData)
            waits.OnAccepted(child);
        return true;
    }

    /// <summary>Something about the connection, or its user, has changed: serves whoever waits for that.</summary>
    internal void OnChanged()
    {
        if (isFreed)
            return;

        waits.Serve(owner.Now);
        if (!KeepsData && Handler is null)
            Swallow();
        if (Handler is not null && (link is not null || Has(MspStates.Closed)))
            calls.Wake(); // MSP-122: a listener has nothing to tell before its end
        if (!Has(MspStates.Closed))
            return;

        completion.End(Failure()); // MSP-154
        if (Handler is null)
            Free();
    }

    /// <summary>The handler threw: its connection ends.</summary>
    internal void OnHandlerFailed(Exception exception)
    {
        handlerFailure ??= exception;
        if (!Has(MspStates.Closed))
            own |= MspStates.Error;
        StopNow();
    }

    /// <summary>A second has passed, or the time to linger; returns when to ask again.</summary>
    internal Instant OnTick(Instant now)
    {
        if (isFreed)
            return Instant.Never;
        if (!isDisposed)
            return calls.OnTick(now);
        if (link is { HasQueued: true } && now < deliversUntil)
            lingersUntil = now + LingerMax;
        if (now < lingersUntil)
            return lingersUntil;

        StopNow();
        return Instant.Never;
    }

    /// <summary>Another pass of a caller-driven context: what a handler left is offered again.</summary>
    internal void OnPass()
    {
        if (Handler is not null)
            calls.OfferAgain();
    }

    /// <summary>Gives up everything it holds; its states stay what they were.</summary>
    internal void Free()
    {
        if (isFreed)
            return;

        isFreed = true;
        own = StatesNow & ~MspStates.DataOut;
        local = link?.Local ?? local;
        if ((own & MspStates.Listening) != 0)
            owner.Carrier.CloseListener(this);
        completion.End(Failure());
        link?.Abandon(owner.Now);
        calls.GiveUp();
        waits.End();
        link = null;
        owner.Remove(this);
    }

    internal void StopNow()
    {
        if (isFreed || Has(MspStates.Closed))
            return;

        if (link is null || !isStarted)
            own |= MspStates.Closed | MspStates.Stopped; // MSP-135
        else
            link.Stop(owner.Now);
        if ((own & MspStates.Listening) != 0)
            owner.Carrier.CloseListener(this);
        OnChanged();
    }

    internal void AbandonNow()
    {
        isDisposed = true;
        if (isFreed)
            return;

        own |= MspStates.Closed;
        Free(); // MSP-136
    }

    internal void DisposeNow()
    {
        if (isDisposed)
            return;

        isDisposed = true;
        KeepsData = false;
        calls.GiveUp();
        var isCutShort = waits.WasCutShort;
        waits.End();
        if (isFreed)
            return;

        if (link is null)
        {
            own |= MspStates.Closed;
            Free();
            return;
        }

        if (isCutShort)
        {
            StopNow(); // MSP-163
            return;
        }

        ShutdownNow();
        lingersUntil = owner.Now + LingerMax;
        deliversUntil = owner.Now + DeliverMax;
        owner.Schedule(this, lingersUntil);
        OnChanged();
    }

    private string Name => remote is null ? "MSP listener" : $"MSP connection to {remote}";

    private MsgNetException? Failure() =>
        handlerFailure is not null
            ? new MsgNetException($"The {Name} was stopped: its handler threw.", handlerFailure)
            : link?.Failure is { } failure ? new MsgNetException($"The {Name} is over: {failure}.") : null;

    private void Attach(IMspLink attached)
    {
        link = attached;
        local = attached.Local;
        remote = attached.Remote;
    }

    private void Start(Action open)
    {
        isStarted = true;
        try
        {
            open();
        }
        catch (Exception error) when (error is MsgNetException or ArgumentException)
        {
            // An address of the wrong kind is the caller's mistake, and leaves the socket as it was; what the system refuses ends it.
            isStarted = error is MsgNetException;
            if (isStarted)
            {
                own |= MspStates.Error | MspStates.Closed;
                Free();
            }

            throw;
        }

        OnChanged();
    }

    private void ShutdownNow()
    {
        if (isFreed || Has(MspStates.Closed | MspStates.ShutdownLocal))
            return;

        own |= MspStates.ShutdownLocal; // MSP-134
        waits.Serve(owner.Now);
    }

    // MSP-123
    private void Swallow()
    {
        while (link is not null && link.TryPeek(out var message))
            link.Consume(owner.Now, message.Length);
    }

    private void RequireUnstarted()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (isStarted || isFreed)
            throw new InvalidOperationException("This socket is connected or listens already, or has ended: make another with Create.");
    }

    private void RequireFitting(int length)
    {
        if (length > owner.MessageSizeMax)
            throw new MessageTooLargeException(length, owner.MessageSizeMax, Delivery.ReliableOrdered); // MSP-133
    }

    // MSP-137
    private void RequireSendable()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (!isStarted || (own & MspStates.Listening) != 0)
            throw new InvalidOperationException("Only connections send messages: call Connect first, or use what a listener accepted.");
        if ((own & MspStates.ShutdownLocal) != 0)
            throw new InvalidOperationException("Shutdown was called: nothing can be sent any more.");
    }

    private void RequireReadable()
    {
        ObjectDisposedException.ThrowIf(isDisposed, this);
        if (!isStarted || (own & MspStates.Listening) != 0)
            throw new InvalidOperationException("Only connections receive messages: call Connect first, or use what a listener accepted.");
        if (handler is not null)
            throw new InvalidOperationException("This socket's messages go to its handler: call SetHandler(null) first.");

        KeepsData = true;
    }
}
