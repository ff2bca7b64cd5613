using MsgNet.Core;
using Microsoft.Extensions.Logging;

namespace MsgNet;

/// <summary>Which handler or reader takes a protocol's messages. Safe on any thread; looking up takes no lock.</summary>
internal sealed partial class HandlerTable : IMessageSink
{
    private readonly HandlerServices services;
    private readonly ProtocolRegistry registry;
    private readonly Gate gate;

    // Replaced under the gate, never changed.
    private volatile Dictionary<ProtocolId, IMessageConsumer> consumers = [];
    private bool closed;

    /// <param name="diagnostics">Where messages are measured; has time and the scheduler.</param>
    /// <param name="registry">Learns which protocols have a consumer.</param>
    /// <param name="gate">The host's lock, which guards <paramref name="registry"/>.</param>
    /// <param name="logger">Where failing handlers show.</param>
    /// <param name="poisonReturnedBuffers">As <see cref="MsgNetOptions.PoisonReturnedBuffers"/>.</param>
    public HandlerTable(HostDiagnostics diagnostics, ProtocolRegistry registry, Gate gate, ILogger logger, bool poisonReturnedBuffers)
    {
        services = new HandlerServices(gate, diagnostics, logger, poisonReturnedBuffers);
        this.registry = registry;
        this.gate = gate;
    }

    public HandlerCounters Counters => services.Counters;

    /// <summary>Messages that wait, by protocol, as far as can be seen without their locks.</summary>
    public IEnumerable<(ProtocolId Protocol, int Count)> QueueDepths =>
        consumers.Select(consumer => (consumer.Key, consumer.Value.Count));

    /// <inheritdoc/>
    public IMessageConsumer? ConsumerOf(ProtocolId protocol) => consumers.GetValueOrDefault(protocol);

    /// <inheritdoc/>
    public bool WantsToRunInline => services.Inline.IsHalfFull;

    /// <inheritdoc/>
    public void RunInline() => services.Inline.Run();

    /// <inheritdoc/>
    public bool TryBeginInlineCalls() => services.Inline.TryBegin();

    /// <inheritdoc/>
    public void MakeInlineCalls() => services.Inline.MakeCalls();

    /// <summary>As <see cref="IMessageHost.SetMessageHandler(ProtocolId, MessageHandler, HandlerOptions)"/>.</summary>
    public void SetMessageHandler(ProtocolId protocol, MessageHandler handler, HandlerOptions options)
    {
        CheckNamed(protocol);
        ArgumentNullException.ThrowIfNull(handler);
        Check(options);
        using (gate.Enter())
        {
            ObjectDisposedException.ThrowIf(closed, typeof(IMessageHost));
            if (!consumers.TryGetValue(protocol, out var consumer))
                Add(protocol, new HandlerQueue(services, protocol, handler, options));
            else if (consumer is HandlerQueue queue)
                queue.SetHandler(handler, options); // API-051
            else
                throw Taken(protocol, consumer);
        }
    }

    /// <summary>As <see cref="IMessageHost.RemoveMessageHandler"/>.</summary>
    public bool RemoveMessageHandler(ProtocolId protocol)
    {
        using (gate.Enter())
        {
            if (!consumers.TryGetValue(protocol, out var consumer) || consumer is not HandlerQueue queue)
                return false;

            Remove(protocol);
            queue.Close(); // API-053
            return true;
        }
    }

    /// <summary>As <see cref="IMessageHost.ReceiveMessages"/>.</summary>
    public MessageReader ReceiveMessages(ProtocolId protocol, CancellationToken cancellationToken)
    {
        CheckNamed(protocol);
        cancellationToken.ThrowIfCancellationRequested();
        var reader = new MessageReader(services, protocol, Unsubscribe);
        using (gate.Enter())
        {
            ObjectDisposedException.ThrowIf(closed, typeof(IMessageHost));
            if (consumers.TryGetValue(protocol, out var consumer))
                throw Taken(protocol, consumer);

            Add(protocol, reader); // API-063
        }

        reader.EndOn(cancellationToken);
        return reader;
    }

    /// <summary>
    /// Completes when no handler is called and none is about to be, or throws when the token is cancelled. For <see cref="Close"/>,
    /// once no more messages come.
    /// </summary>
    public ValueTask Drain(CancellationToken cancellationToken) => services.Drain(cancellationToken);

    /// <summary>
    /// Ends every handler and reader: tokens are cancelled, what is queued for handlers is dropped. Calls under way end by themselves.
    /// </summary>
    public void Close()
    {
        using (gate.Enter())
        {
            closed = true;
            foreach (var (protocol, consumer) in consumers)
            {
                Unregister(protocol, consumer);
                consumer.Close();
            }

            consumers = [];
        }
    }

    /// <summary>Throws when <paramref name="options"/> are out of range or contradict each other.</summary>
    public static void Check(HandlerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (options.Concurrency is < 1 or > Limits.HandlerConcurrencyMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                $"HandlerOptions.Concurrency is {options.Concurrency}: set it to 1 to {Limits.HandlerConcurrencyMax}.");
        }

        if (options.Timeout <= TimeSpan.Zero || options.Timeout > Limits.HandlerTimeoutMax)
        {
            throw new ArgumentOutOfRangeException(
                nameof(options),
                $"HandlerOptions.Timeout is {options.Timeout}: set it to more than zero and at most {Limits.HandlerTimeoutMax}.");
        }

        if (options is { Inline: true, Concurrency: > 1 })
        {
            throw new ArgumentException(
                $"HandlerOptions.Inline and HandlerOptions.Concurrency {options.Concurrency} contradict each other: "
                    + "an inline handler runs on the one receive thread. Drop one of them.",
                nameof(options));
        }
    }

    /// <summary>Throws when <paramref name="protocol"/> names nothing.</summary>
    public static void CheckNamed(ProtocolId protocol)
    {
        if (protocol.IsEmpty)
            throw new ArgumentException("The default ProtocolId names no protocol: pass a name such as \"/kad/1.0\".", nameof(protocol));
    }

    // API-052
    private static InvalidOperationException Taken(ProtocolId protocol, IMessageConsumer consumer) => new(consumer switch
    {
        HandlerQueue => $"{protocol} has a handler: call RemoveMessageHandler first.",
        StreamQueue => $"{protocol} is taken as streams: call RemoveStreamHandler first, or use another name for its messages.",
        _ => $"{protocol} is read by ReceiveMessages: end that enumeration first, or share its messages.",
    });

    private void Unsubscribe(MessageReader reader)
    {
        using (gate.Enter())
        {
            if (consumers.TryGetValue(reader.Protocol, out var consumer) && ReferenceEquals(consumer, reader))
                Remove(reader.Protocol);
        }
    }

    // Under the gate.
    private void Add(ProtocolId protocol, IMessageConsumer consumer)
    {
        if (consumer is StreamQueue)
            registry.RegisterStream(protocol);
        else
            registry.Register(protocol);
        consumers = new Dictionary<ProtocolId, IMessageConsumer>(consumers) { [protocol] = consumer };
    }

    private void Remove(ProtocolId protocol)
    {
        Unregister(protocol, consumers[protocol]);
        var fewer = new Dictionary<ProtocolId, IMessageConsumer>(consumers);
        fewer.Remove(protocol);
        consumers = fewer;
    }

    private void Unregister(ProtocolId protocol, IMessageConsumer consumer)
    {
        if (consumer is StreamQueue)
            registry.UnregisterStream(protocol);
        else
            registry.Unregister(protocol);
    }
}
