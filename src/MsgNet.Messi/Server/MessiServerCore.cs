using System.Buffers;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;

namespace MsgNet.Messi;

/// <summary>A server but for its types. The gate guards the table of clients; no code of the application runs under it.</summary>
internal sealed class MessiServerCore
{
    private readonly Lock gate = new();
    private readonly Lock broadcasting = new(); // All clients get broadcasts in one order; taken before the gate.
    private readonly IMessiListener listener;
    private readonly MessiServerSettings times;
    private readonly ILogger logger;
    private readonly MessiMeter meter;
    private readonly LinkedList<MessiServerClient> clients = new();
    private readonly Dictionary<MessiServerClient, LinkedListNode<MessiServerClient>> places = [];
    private readonly SemaphoreSlim turns = new(1);
    private MessiServerClient[]? present; // of clients, those that are not gone; null when that has changed
    private int clientCount;
    private bool isListening;
    private bool isStopping;
    private bool isDisposed;

    public MessiServerCore(IMessiServerApplication application, IMessiListener listener, MessiServerOptions options)
    {
        Application = application;
        Options = options;
        this.listener = listener;
        logger = options.LoggerFactory?.CreateLogger(MessiDiagnostics.ServerCategory) ?? NullLogger.Instance;
        meter = MessiMeter.For(options.MeterFactory);
        LinkSettings = new MessiLinkSettings(
            options.MessageSizeMax, options.SendQueueMax, options.ReceiveQueueMax, options.StopTimeout, options.TimeProvider, meter);
        times = new MessiServerSettings
        {
            KeepAliveTimeout = options.KeepAliveTimeout,
            FormatOfSilent = listener.WireFormat,
            HasLiveness = listener.HasLiveness,
        };
    }

    public IMessiServerApplication Application { get; }

    public MessiServerOptions Options { get; }

    public MessiLinkSettings LinkSettings { get; }

    public ILogger Logger => logger;

    public string? Address
    {
        get
        {
            lock (gate)
                return isListening ? listener.Address : null;
        }
    }

    public async ValueTask Start(CancellationToken cancellationToken)
    {
        await turns.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            ObjectDisposedException.ThrowIf(isDisposed, typeof(IMessiServer));
            if (isListening)
                return;

            lock (gate)
                isStopping = false;
            await listener.Start(this, cancellationToken).ConfigureAwait(false);
            lock (gate)
                isListening = true;
            MessiLog.Listening(logger, listener.Address);
        }
        finally
        {
            turns.Release();
        }
    }

    public async ValueTask Stop(bool forever, CancellationToken cancellationToken)
    {
        await turns.WaitAsync(CancellationToken.None).ConfigureAwait(false);
        try
        {
            isDisposed |= forever;
            if (!isListening)
                return;

            await listener.Stop().ConfigureAwait(false);
            lock (gate)
                (isListening, isStopping) = (false, true);
            await EndClients(cancellationToken).ConfigureAwait(false);
            MessiLog.Stopped(logger);
        }
        finally
        {
            turns.Release();
        }
    }

    /// <summary>Newest first.</summary>
    public List<TConnection> Snapshot<TConnection>()
        where TConnection : MessiConnection
    {
        return [.. Present().Select(client => (TConnection)client.Connection)];
    }

    /// <summary>Takes a place for a client that has come; false when all are taken, and the client has to be closed.</summary>
    // MESSI-045
    public bool TryReserve()
    {
        lock (gate)
        {
            if (clientCount < Options.ClientsMax)
            {
                clientCount++;
                return true;
            }
        }

        meter.OnRefused();
        MessiLog.Refused(logger, Options.ClientsMax);
        return false;
    }

    /// <summary>Gives back a place that no client took.</summary>
    public void Release()
    {
        lock (gate)
            clientCount--;
    }

    /// <summary>Begins with a client that has a place; completes when it is gone.</summary>
    public Task<MessiDisconnect> Admit(MessiCarrier carrier)
    {
        var client = new MessiServerClient(this, carrier, times);
        client.Connection = Application.CreateConnection();
        client.Connection.Attach(client);
        bool isLate;
        lock (gate)
        {
            places.Add(client, clients.AddFirst(client));
            present = null;
            isLate = isStopping;
        }

        meter.OnOpened(MessiRole.Server);
        MessiLog.ClientConnected(logger, carrier.Remote);
        client.Start();
        // It came while the others were being ended.
        if (isLate)
            client.Link.End(MessiDisconnectReason.Stopped, null, MessiEnding.Local);
        return client.Link.Completion;
    }

    public int Broadcast(int field, IMessage message)
    {
        ArgumentNullException.ThrowIfNull(message);
        var payload = Encode(field, message, out var length);
        List<MessiServerClient>? slow = null;
        var count = 0;
        var batch = MessiBatch.Begin();
        try
        {
            lock (broadcasting)
            {
                foreach (var client in Present())
                {
                    if (client.Link.Output.TrySendEncoded(payload.AsSpan(0, length)))
                        count++;
                    else
                        (slow ??= []).Add(client);
                    batch.BreatheAmongMany();
                }
            }
        }
        finally
        {
            batch.End();
            ArrayPool<byte>.Shared.Return(payload);
        }

        if (slow is null)
            return count;

        // MESSI-044
        foreach (var client in slow)
            client.Link.End(MessiDisconnectReason.SendQueueFull, null, MessiEnding.Abort);
        return count;
    }

    public bool OnHandlerFailed(MessiServerClient client, Exception exception)
    {
        MessiLog.HandlerFailed(logger, exception, client.Link.Remote);
        return Options.DisconnectOnHandlerFailure;
    }

    public void OnUnknown(MessiServerClient client)
    {
        meter.OnUnknown(MessiRole.Server);
        MessiLog.UnknownMessage(logger, client.Link.Remote);
    }

    public void OnEnding(MessiServerClient client, MessiDisconnect disconnect)
    {
        lock (gate)
        {
            client.IsGone = true;
            present = null;
            clientCount--;
        }

        meter.OnEnded(MessiRole.Server, disconnect.Reason);
        MessiLog.ClientDisconnected(logger, disconnect.Exception, client.Link.Remote, disconnect.Reason.ToText());
    }

    public void OnEnded(MessiServerClient client)
    {
        lock (gate)
        {
            if (places.Remove(client, out var place))
                clients.Remove(place);
        }
    }

    private MessiServerClient[] Present()
    {
        lock (gate)
            return present ??= [.. clients.Where(client => !client.IsGone)];
    }

    private async Task EndClients(CancellationToken cancellationToken)
    {
        MessiServerClient[] all;
        lock (gate)
            all = [.. clients];
        foreach (var client in all)
            client.Link.End(MessiDisconnectReason.Stopped, null, MessiEnding.Local);
        try
        {
            await Task.WhenAll(all.Select(client => client.Link.Completion))
                .WaitAsync(Options.StopTimeout, Options.TimeProvider, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            foreach (var client in all)
                client.Link.Abort();
        }
    }

    private byte[] Encode(int field, IMessage message, out int length)
    {
        var body = message.CalculateSize();
        var header = MessiMember.HeaderLength(field, body);
        length = header + body;
        // MESSI-012: clients of either format get it.
        var max = Math.Min(Options.MessageSizeMax, Limits.MessiCompactPayloadMax);
        if (length > max)
            throw MessiOutput.TooLarge(length, max);

        var payload = ArrayPool<byte>.Shared.Rent(length);
        MessiMember.WriteHeader(payload, field, body);
        message.WriteTo(payload.AsSpan(header, body));
        return payload;
    }
}
