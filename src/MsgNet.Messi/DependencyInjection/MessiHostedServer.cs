using Microsoft.Extensions.Hosting;

namespace MsgNet.Messi;

/// <summary>Starts and stops a server with the application.</summary>
internal sealed class MessiHostedServer(Func<IMessiServer> make) : IHostedService
{
    private IMessiServer? server;

    // API-194: made here and not injected, so that what goes wrong goes wrong in the start.
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        server = make();
        await server.Start(cancellationToken);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (server is not null)
            await server.Stop(cancellationToken);
    }
}
