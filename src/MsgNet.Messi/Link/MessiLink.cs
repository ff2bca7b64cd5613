using System.Runtime.CompilerServices;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// One connection over one carrier, from its first byte to the last handler. One loop reads it and calls handlers in order, on its own
/// thread as long as they complete at once. While one does not, messages wait in a bounded backlog and the loop goes on for the sake of
/// pings and pongs. What ends it first is its reason.
/// </summary>
internal sealed partial class MessiLink : IMessiOutputOwner
{
    private readonly Lock gate = new();
    private readonly MessiCarrier carrier;
    private readonly MessiLinkSettings settings;
    private readonly IMessiLinkOwner owner;
    private readonly MessiRole role;
    private readonly CancellationTokenSource cancellation = new();
    private readonly CancellationToken token;
    private readonly TaskCompletionSource<MessiDisconnect> completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private MessiBacklog backlog;
    private MessiDisconnect disconnect;
    private volatile bool isEnding;
    private volatile bool isHandling;
    private volatile bool isInHandler;
    private bool dropsBacklog;
    private bool isReadDone;
    private bool isFinished;

    public MessiLink(
        MessiCarrier carrier, MessiRole role, MessiWireFormat? format, MessiLinkSettings settings, IMessiLinkOwner owner)
    {
        this.carrier = carrier;
        this.role = role;
        this.settings = settings;
        this.owner = owner;
        token = cancellation.Token;
        room = new MessiRoom();
        input = new MessiReadBuffer(settings.TimeProvider);
        Output = new MessiOutput(carrier.Stream, role, format, settings.SendQueueMax, settings.MessageSizeMax, this);
    }

    public MessiOutput Output { get; }

    public MessiCarrier Carrier => carrier;

    public string Remote => carrier.Remote;

    public PeerId? Peer => carrier.Peer;

    /// <summary>Completes when the connection is over and no handler runs any more.</summary>
    public Task<MessiDisconnect> Completion => completion.Task;

    /// <summary>A handler of this connection runs.</summary>
    public bool IsInHandler => isInHandler;

    /// <summary>The loop waits for bytes: all that came was seen, and its handlers have been called.</summary>
    public bool IsWaitingForBytes => isWaitingForBytes;

    /// <summary>Begins: the application's turn first, then the loop.</summary>
    public void Start() => _ = Run();

    /// <summary>Ends the connection; later calls do nothing.</summary>
    /// <param name="reason">Why.</param>
    /// <param name="exception">What was thrown.</param>
    /// <param name="ending">What becomes of what waits.</param>
    /// <returns>False when it was ending already.</returns>
    // MESSI-042
    public bool End(MessiDisconnectReason reason, Exception? exception, MessiEnding ending)
    {
        lock (gate)
        {
            if (isEnding)
                return false;

            disconnect = new MessiDisconnect(reason, exception);
            dropsBacklog = ending is not MessiEnding.Remote;
            isEnding = true;
        }

        // First the output: a call that comes later fails, and all that came before are known to whoever fails them.
        var drained = Output.End(Reason(), keep: ending != MessiEnding.Abort);
        owner.OnEnding(disconnect);
        _ = Close(ending, drained);
        return true;
    }

    /// <summary>Frees the carrier, however far the end has come.</summary>
    public void Abort()
    {
        End(MessiDisconnectReason.Stopped, null, MessiEnding.Abort);
        _ = Output.End(Reason(), keep: false);
        carrier.Dispose();
    }

    void IMessiOutputOwner.OnControlsSent() => owner.OnControlsSent();

    void IMessiOutputOwner.OnSent(long messages, long bytes) => settings.Meter.OnSent(role, messages, bytes);

    // As the original: a client whose ping cannot be written has a general error.
    void IMessiOutputOwner.OnWriteFailed(Exception exception, bool wasControl) => End(
        wasControl && role == MessiRole.Client ? MessiDisconnectReason.GeneralError : MessiDisconnectReason.ConnectionClosed,
        exception,
        MessiEnding.Abort);

    private async Task Run()
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        isHandling = true;
        isInHandler = true;
        var opening = Guard(static link => link.owner.OnOpened(link.token));
        if (opening.IsCompletedSuccessfully)
            isHandling = isInHandler = false;
        else
            _ = DrainAfter(opening);
        await Read();
    }

    // API-199
    private async Task Close(MessiEnding ending, Task drained)
    {
        room.Open();
        try
        {
            // Registrations are the application's code, on whatever thread found the end.
            await cancellation.CancelAsync().ConfigureAwait(false);
            if (ending != MessiEnding.Abort)
                await drained.WaitAsync(settings.StopTimeout, settings.TimeProvider).ConfigureAwait(false);
            if (ending == MessiEnding.Local && await carrier.ShutDown().ConfigureAwait(false))
                await readEnd.Task.WaitAsync(settings.StopTimeout, settings.TimeProvider).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            // The peer does not read, or does not answer the end by its own: it gets no more time.
        }
        catch (AggregateException exception)
        {
            owner.OnHandlerFailed(exception);
        }
        finally
        {
            _ = Output.End(Reason(), keep: false);
            carrier.Dispose();
        }
    }

    private MessiException Reason() => new(
        disconnect.Reason, $"The connection has ended: {disconnect.Reason.ToText()}", disconnect.Exception);

    /// <summary>When neither the loop nor a handler runs, and the end is there: the application's last turn.</summary>
    private void FinishIfDone()
    {
        lock (gate)
        {
            if (!isReadDone || isHandling || isFinished)
                return;

            isFinished = true;
            backlog.Clear();
        }

        _ = Finish();
    }

    // API-195
    private async Task Finish()
    {
        await Guard(static link => link.owner.OnEnded(link.disconnect));
        completion.TrySetResult(disconnect);
    }

    /// <summary>Calls the application, whose exceptions are reported and stay here.</summary>
    private ValueTask Guard(Func<MessiLink, ValueTask> call)
    {
        try
        {
            var task = call(this);
            return task.IsCompletedSuccessfully ? task : Watch(task);
        }
        catch (Exception exception) // the application's own, whatever it is
        {
            OnHandlerFailed(exception);
            return default;
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask Watch(ValueTask task)
    {
        try
        {
            await task;
        }
        catch (Exception exception) // the application's own, whatever it is
        {
            OnHandlerFailed(exception);
        }
    }

    private void OnHandlerFailed(Exception exception)
    {
        // API-197
        // A handler that gives up because the connection is gone has not failed.
        if (exception is OperationCanceledException && isEnding)
            return;
        if (owner.OnHandlerFailed(exception))
            End(MessiDisconnectReason.HandlerFailed, exception, MessiEnding.Error);
    }
}
