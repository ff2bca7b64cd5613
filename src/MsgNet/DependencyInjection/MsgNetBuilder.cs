using Microsoft.Extensions.DependencyInjection;

namespace MsgNet;

/// <summary>The transports that were named, each once, in the order they were named.</summary>
internal sealed class MsgNetBuilder(IServiceCollection services) : IMsgNetBuilder
{
    private readonly Dictionary<string, Func<TransportContext, ICarrierTransport>> named = [];
    private readonly List<Func<TransportContext, ICarrierTransport>> order = [];

    /// <inheritdoc/>
    public IServiceCollection Services => services;

    public IReadOnlyList<Func<TransportContext, ICarrierTransport>> Transports => order.Count > 0 ? order : MessageHost.DefaultTransports;

    /// <inheritdoc/>
    public IMsgNetBuilder AddUdp() => Add("udp", static context => new UdpTransport(context));

    /// <inheritdoc/>
    public IMsgNetBuilder AddMemory() => Add("memory", static context => new MemoryTransport(context));

    private MsgNetBuilder Add(string name, Func<TransportContext, ICarrierTransport> make)
    {
        if (named.TryAdd(name, make))
            order.Add(make);
        return this;
    }
}
