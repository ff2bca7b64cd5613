using Microsoft.Extensions.Hosting;

namespace MsgNet.Messi;

/// <summary>Starts and stops a client with the application, which does not wait for its connection.</summary>
internal sealed class MessiHostedClient(Func<IMessiClient> make) : IHostedService
{
    private IMessiClient? client;

    // API-194
    public Task StartAsync(CancellationToken cancellationToken)
    {
        client = make();
        client.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (client is not null)
            await client.Stop(cancellationToken);
    }
}
