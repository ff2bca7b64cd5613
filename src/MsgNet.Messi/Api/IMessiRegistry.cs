namespace MsgNet.Messi;

/// <summary>Takes from <see cref="IMessiProtocol.Register"/> how the client and the server of a protocol are made.</summary>
public interface IMessiRegistry
{
    /// <summary>Says how the client is made: for an address, and for a peer of a host.</summary>
    void AddClient<TClient>(
        Func<string, MessiClientOptions, TClient> forAddress, Func<IMessageHost, PeerId, MessiClientOptions, TClient> forPeer)
        where TClient : class, IMessiClient;

    /// <summary>Says how the server is made: for an address, and for a host.</summary>
    void AddServer<TServer>(
        Func<string, MessiServerOptions, TServer> forAddress, Func<IMessageHost, MessiServerOptions, TServer> forHost)
        where TServer : class, IMessiServer;
}
