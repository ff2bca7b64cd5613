using Microsoft.Extensions.DependencyInjection;

namespace MsgNet;

/// <summary>
/// Chooses the transports of the host that <c>AddMsgNet</c> registers. With none named it has all of this package: UDP and memory.
/// </summary>
public interface IMsgNetBuilder
{
    /// <summary>The services being configured.</summary>
    IServiceCollection Services { get; }

    /// <summary>Gives the host UDP: sealed datagrams, and reliable messages over them.</summary>
    IMsgNetBuilder AddUdp();

    /// <summary>Gives the host the transport between hosts of one process.</summary>
    IMsgNetBuilder AddMemory();
}
