using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>
/// A client but for its types: does what its machine says, one connection after another. The gate guards machine and timer; no code of the
/// application runs under it.
/// </summary>
internal sealed partial class MessiClientCore
{
    private readonly Lock gate = new();
    private readonly IMessiClientApplication application;
    private readonly MessiDialer dialer;
    private readonly MessiClientOptions options;
    private readonly MessiLinkSettings settings;
    private readonly MessiClientMachine machine;
    private readonly MessiTimer timer;
    private readonly ILogger logger;
    private readonly MessiMeter meter;
    private readonly List<IMessiCalls> calls = [];

    private volatile MessiLink? current;
    private CancellationTokenSource? connecting;
    private TaskCompletionSource? connected;
    private MessiException? givenUp;
    private Task connect = Task.CompletedTask;
    private Task previous = Task.CompletedTask;
    private int starts;
    private volatile bool isPaused;
    private bool isDisposed;

    public MessiClientCore(IMessiClientApplication application, MessiDialer dialer, MessiClientOptions options)
    {
        this.application = application;
        this.dialer = dialer;
        this.options = options;
        logger = options.LoggerFactory?.CreateLogger(MessiDiagnostics.ClientCategory) ?? NullLogger.Instance;
        meter = MessiMeter.For(options.MeterFactory);
        settings = new MessiLinkSettings(
            options.MessageSizeMax, options.SendQueueMax, options.ReceiveQueueMax, options.StopTimeout, options.TimeProvider, meter);
        var times = new MessiClientSettings
        {
            KeepAliveInterval = options.KeepAliveInterval,
            ConnectTimeout = options.ConnectTimeout,
            ReconnectDelay = options.ReconnectDelay,
            ReconnectDelayMax = options.ReconnectDelayMax,
            HasLiveness = dialer.HasLiveness,
        };
        machine = new MessiClientMachine(times, MessiRandom.Shared);
        timer = new MessiTimer(options.TimeProvider, OnTimer);
    }

    /// <summary>The connection there is now.</summary>
    public MessiLink? Link => current;

    public MessiClientState State
    {
        get
        {
            lock (gate)
                return machine.State;
        }
    }

    public void Start()
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(isDisposed, typeof(IMessiClient));
            if (machine.State != MessiClientState.Stopped)
                return;

            starts++;
            givenUp = null;
            machine.Start(timer.Now);
            BeginConnect();
        }
    }

    public ValueTask WaitForConnection(CancellationToken cancellationToken)
    {
        lock (gate)
        {
            if (machine.State == MessiClientState.Connected)
                return default;
            if (starts == 0)
                throw new InvalidOperationException("The client was not started: call Start before WaitForConnection.");
            if (machine.State == MessiClientState.Stopped)
                throw givenUp?.Again() ?? Stopped();

            connected ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return new ValueTask(connected.Task.WaitAsync(cancellationToken));
        }
    }

    // MESSI-047
    public async ValueTask Stop(bool forever, CancellationToken cancellationToken)
    {
        MessiLink? link;
        Task ended;
        CancellationTokenSource? cancelled;
        TaskCompletionSource? waiting;
        lock (gate)
        {
            isDisposed |= forever;
            machine.Stop();
            (link, current) = (current, null);
            (waiting, connected) = (connected, null);
            (cancelled, connecting) = (connecting, null);
            if (link is not null)
                previous = link.Completion;
            ended = Task.WhenAll(connect, previous);
        }

        cancelled?.Cancel();
        Fail(waiting, Stopped());
        link?.End(MessiDisconnectReason.Stopped, null, MessiEnding.Local);
        try
        {
            await ended.WaitAsync(options.StopTimeout, options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            link?.Abort();
        }

        if (forever)
            timer.Dispose();
    }

    public ValueTask Send(int field, IMessage message, CancellationToken cancellationToken)
        => (current ?? throw NotConnected()).Output.Send(field, message, cancellationToken);

    public bool TrySend(int field, IMessage message) => current is { } link && link.Output.TrySend(field, message);

    public ValueTask<TResponse> Call<TResponse>(
        MessiCalls<TResponse> pair, int field, IMessage request, CancellationToken cancellationToken)
        where TResponse : class
        => pair.Call(
            (current ?? throw NotConnected()).Output, field, request, options.CallTimeout, options.TimeProvider, cancellationToken);

    public MessiCalls<TResponse> AddCalls<TResponse>()
        where TResponse : class
    {
        var pair = new MessiCalls<TResponse>();
        calls.Add(pair);
        return pair;
    }

    public void OnUnknown()
    {
        meter.OnUnknown(MessiRole.Client);
        MessiLog.UnknownMessage(logger, dialer.Remote);
    }

    /// <summary>Under the gate: the machine is connecting.</summary>
    private void BeginConnect()
    {
        connecting = new CancellationTokenSource();
        connect = Connect(starts, previous, connecting);
        timer.Set(machine.NextTimer);
    }

    private async Task Connect(int start, Task before, CancellationTokenSource cancellation)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        Exception? failure;
        try
        {
            // The handlers of one connection never run beside those of the next.
            await before.WaitAsync(cancellation.Token);
            var carrier = await dialer.Dial(cancellation.Token);
            Adopt(start, carrier);
            return;
        }
        catch (OperationCanceledException)
        {
            // MESSI-039
            failure = new TimeoutException($"There was no connection to {dialer.Remote} within {options.ConnectTimeout}.");
        }
        catch (Exception exception) // whatever it is, the application is told, and another attempt made
        {
            failure = exception;
        }

        await OnConnectFailed(start, failure);
    }

    private void Adopt(int start, MessiCarrier carrier)
    {
        MessiLink link;
        TaskCompletionSource? waiting;
        var batch = MessiBatch.Begin();
        try
        {
            lock (gate)
            {
                var action = start == starts ? machine.OnConnected(timer.Now) : MessiClientAction.Close;
                if (action == MessiClientAction.Close)
                {
                    carrier.Dispose();
                    return;
                }

                link = new MessiLink(carrier, MessiRole.Client, dialer.WireFormat, settings, this);
                // MESSI-023: before anybody can send.
                if (action == MessiClientAction.SendPing)
                    link.Output.SendControl();
                current = link;
                isPaused = false;
                (waiting, connected) = (connected, null);
                connecting = null;
                timer.Set(machine.NextTimer);
            }
        }
        finally
        {
            batch.End();
        }

        meter.OnOpened(MessiRole.Client);
        MessiLog.Connected(logger, dialer.Remote);
        link.Start();
        waiting?.TrySetResult();
    }

    private async Task OnConnectFailed(int start, Exception exception)
    {
        MessiConnectFailure failure;
        lock (gate)
        {
            if (start != starts || machine.State != MessiClientState.Connecting)
                return;

            failure = new MessiConnectFailure(exception, machine.FailuresInRow + 1, machine.DrawDelay());
        }

        MessiLog.ConnectFailed(logger, dialer.Remote, failure.Attempts, exception.Message);
        TimeSpan? delay = failure.Delay;
        try
        {
            delay = await application.OnConnectFailed(failure);
        }
        catch (Exception thrown) // the application's own, whatever it is
        {
            MessiLog.HandlerFailed(logger, thrown, dialer.Remote);
        }

        TaskCompletionSource? waiting = null;
        lock (gate)
        {
            if (start != starts || machine.State != MessiClientState.Connecting)
                return;

            // MESSI-037
            if (delay is { } wait)
                machine.OnConnectFailed(timer.Now, wait < TimeSpan.Zero ? TimeSpan.Zero : wait);
            else
                (waiting, connected) = (connected, null);
            if (delay is null)
            {
                machine.Stop();
                givenUp = new MessiException(MessiDisconnectReason.Stopped, "The client has given up connecting.", exception);
            }

            timer.Set(machine.NextTimer);
        }

        if (delay is not null)
            return;

        MessiLog.GivesUp(logger, dialer.Remote, failure.Attempts);
        Fail(waiting, new MessiException(MessiDisconnectReason.Stopped, "The client has given up connecting.", exception));
    }

    private static void Fail(TaskCompletionSource? waiting, MessiException exception)
    {
        waiting?.TrySetException(exception);
        _ = waiting?.Task.Exception; // Nobody looks when all who waited were cancelled.
    }

    private static MessiException Stopped() => new(MessiDisconnectReason.Stopped, "The client was stopped: call Start.", null);

    // MESSI-043
    private static MessiException NotConnected() => new(
        MessiDisconnectReason.NotConnected, "There is no connection: await WaitForConnection, or send from OnConnected.", null);
}
