using System.Net;
using System.Net.Sockets;

namespace MsgNet.Benchmarks.Loads;

/// <summary>The server written by hand.</summary>
internal sealed class TcpBenchServer : IBenchServer
{
    private const int Backlog = 1024;
    private readonly Socket listener = new(SocketType.Stream, ProtocolType.Tcp);
    private readonly Lock gate = new();
    private readonly List<TcpConnection> connections = [];
    private readonly Tally tally = new();
    private readonly ServerToClient broadcast = new();
    private readonly byte[] encoded = new byte[64 * 1024];

    public TcpBenchServer()
    {
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen(Backlog);
        _ = Accept();
    }

    public int Port => ((IPEndPoint)listener.LocalEndPoint!).Port;

    public long Received => tally.Sum;

    public async Task Flood(LoadInd message, CancellationToken stop)
    {
        TcpConnection connection;
        lock (gate)
            connection = connections[^1];
        var wrapper = new ServerToClient { LoadInd = message };
        while (!stop.IsCancellationRequested)
        {
            message.Number++;
            await connection.Send(wrapper);
        }
    }

    public ValueTask Broadcast(LoadInd message)
    {
        broadcast.LoadInd = message;
        var length = TcpConnection.Encode(broadcast, encoded);
        lock (gate)
        {
            foreach (var connection in connections)
                connection.Write(encoded.AsSpan(0, length));
        }

        return default;
    }

    public ValueTask DisposeAsync()
    {
        listener.Dispose();
        return default;
    }

    private async Task Accept()
    {
        try
        {
            while (true)
            {
                var socket = await listener.AcceptAsync();
                socket.NoDelay = true;
                _ = Serve(new TcpConnection(socket));
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // Disposed: the measurement is over.
        }
    }

    private async Task Serve(TcpConnection connection)
    {
        using var owned = connection;
        lock (gate)
            connections.Add(connection);
        var cell = tally.Add();
        var reply = new ServerToClient();
        await connection.Read(payload =>
        {
            var message = ClientToServer.Parser.ParseFrom(payload);
            if (message.MessagesCase == ClientToServer.MessagesOneofCase.EchoInd)
            {
                reply.EchoInd = message.EchoInd;
                _ = connection.Send(reply); // One echo is under way at a time, so that it fits.
            }
            else
            {
                cell.Increment();
            }
        });
        lock (gate)
            connections.Remove(connection);
    }
}
