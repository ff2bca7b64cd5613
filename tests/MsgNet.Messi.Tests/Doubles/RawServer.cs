using System.Net;
using System.Net.Sockets;

namespace MsgNet.Messi.Tests;

/// <summary>A server that a test plays.</summary>
internal sealed class RawServer : IDisposable
{
    private readonly Socket listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);

    public RawServer()
        : this(0)
    {
    }

    public RawServer(int port)
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, port));
        listener.Listen(16);
        Port = ((IPEndPoint)listener.LocalEndPoint!).Port;
    }

    public int Port { get; }

    public string Address => $"tcp://127.0.0.1:{Port}";

    public string Compact => $"{Address}?wire=compact";

    public async Task<RawPeer> Accept() => new(await listener.AcceptAsync().WaitAsync(RawPeer.Patience));

    public void Dispose() => listener.Dispose();
}
