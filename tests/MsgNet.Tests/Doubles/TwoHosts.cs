namespace MsgNet.Tests;

/// <summary>Tests between two hosts with real sockets, keys and threads; the client knows where the server is.</summary>
public abstract class TwoHosts : IAsyncLifetime
{
    protected MessageHost Server { get; private set; } = null!;

    protected MessageHost Client { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        Client = await MessageHost.Start();
        Client.Network.Peerstore.AddAddress(Server.Id, Server.Addresses[0]);
    }

    public async Task DisposeAsync()
    {
        await Client.DisposeAsync();
        await Server.DisposeAsync();
    }
}
