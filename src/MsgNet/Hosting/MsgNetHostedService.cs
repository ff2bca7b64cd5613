using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MsgNet;

/// <summary>Starts and stops the container's message host with the application.</summary>
internal sealed class MsgNetHostedService(IServiceProvider services, MsgNetBuilder builder, IOptions<MsgNetOptions> options)
    : IHostedService
{
    private MessageHost? host;

    /// <summary>Sets the handlers, then listens: no message comes before its handler is there.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Resolved here and not injected, so that what goes wrong goes wrong in the start.
        host = services.GetRequiredService<MessageHost>();
        foreach (var handler in builder.Handlers)
            handler.Set(host, services); // API-133

        await host.Open(cancellationToken); // API-131
    }

    /// <summary>Closes the host; the token ends the draining, not the closing.</summary>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (host is not null)
            await host.Close(options.Value.DrainTimeout, cancellationToken); // API-134
    }
}
