using Microsoft.Extensions.DependencyInjection;

namespace MsgNet;

/// <summary>What was said about the host: transports and handlers, each once, in the order they were named.</summary>
internal sealed class MsgNetBuilder(IServiceCollection services) : IMsgNetBuilder
{
    private readonly Dictionary<string, Func<TransportContext, ICarrierTransport>> named = [];
    private readonly List<Func<TransportContext, ICarrierTransport>> order = [];
    private readonly List<HandlerRegistration> handlers = [];

    /// <inheritdoc/>
    public IServiceCollection Services => services;

    public IReadOnlyList<Func<TransportContext, ICarrierTransport>> Transports => order.Count > 0 ? order : MessageHost.DefaultTransports;

    /// <summary>To be set before the host listens.</summary>
    public IReadOnlyList<HandlerRegistration> Handlers => handlers;

    /// <summary>The generic host starts the message host; else whoever resolves it does.</summary>
    public bool IsHosted { get; private set; }

    /// <inheritdoc/>
    public IMsgNetBuilder AddUdp() => Add("udp", static context => new UdpTransport(context));

    /// <inheritdoc/>
    public IMsgNetBuilder AddMsp() => Add("msp", static context => new MspTransport(context));

    /// <inheritdoc/>
    public IMsgNetBuilder AddMemory() => Add("memory", static context => new MemoryTransport(context));

    /// <inheritdoc/>
    public IMsgNetBuilder AddHosting()
    {
        if (IsHosted)
            return this;

        IsHosted = true;
        services.AddOptions<MsgNetOptions>().ValidateOnStart(); // API-132
        services.AddHostedService<MsgNetHostedService>();
        return this;
    }

    /// <inheritdoc/>
    public IMsgNetBuilder AddMessageHandler(ProtocolId protocol, Func<IServiceProvider, MessageHandler> make) =>
        AddMessageHandler(protocol, make, HandlerOptions.Default);

    /// <inheritdoc/>
    public IMsgNetBuilder AddMessageHandler(ProtocolId protocol, Func<IServiceProvider, MessageHandler> make, HandlerOptions options)
    {
        HandlerTable.CheckNamed(protocol);
        ArgumentNullException.ThrowIfNull(make);
        HandlerTable.Check(options);
        return Add(protocol, (host, services) => host.SetMessageHandler(protocol, make(services), options));
    }

    /// <inheritdoc/>
    public IMsgNetBuilder AddStreamHandler(ProtocolId protocol, Func<IServiceProvider, StreamHandler> make)
    {
        HandlerTable.CheckNamed(protocol);
        ArgumentNullException.ThrowIfNull(make);
        return Add(protocol, (host, services) => host.SetStreamHandler(protocol, make(services)));
    }

    private IMsgNetBuilder Add(ProtocolId protocol, Action<MessageHost, IServiceProvider> set)
    {
        if (handlers.Exists(handler => handler.Protocol == protocol))
            throw new ArgumentException($"{protocol} has a handler already: a protocol takes one, so merge the two.", nameof(protocol));

        handlers.Add(new HandlerRegistration(protocol, set));
        return AddHosting();
    }

    private MsgNetBuilder Add(string name, Func<TransportContext, ICarrierTransport> make)
    {
        if (named.TryAdd(name, make))
            order.Add(make);
        return this;
    }
}

/// <summary>A handler to be made and set, by <paramref name="Set"/>, when the application starts.</summary>
internal sealed record HandlerRegistration(ProtocolId Protocol, Action<MessageHost, IServiceProvider> Set);
