using System.Net;
using System.Net.Sockets;

namespace MsgNet.Benchmarks.Loads;

/// <summary>The client written by hand.</summary>
internal sealed class TcpBenchClient(int port) : IBenchClient
{
    private readonly ClientToServer load = new();
    private readonly ClientToServer echo = new();
    private TcpConnection? connection;

    public Action OnLoad { get; set; } = static () => { };

    public Func<EchoInd, ValueTask> OnEcho { get; set; } = static _ => default;

    public async Task Connect()
    {
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, port));
        connection = new TcpConnection(socket);
        _ = connection.Read(OnPayload);
    }

    public ValueTask Send(LoadInd message)
    {
        load.LoadInd = message;
        return connection!.Send(load);
    }

    public async ValueTask Send(EchoInd message)
    {
        echo.EchoInd = message;
        await connection!.Send(echo);
        await connection.Flush();
    }

    public ValueTask DisposeAsync()
    {
        connection?.Dispose();
        return default;
    }

    private void OnPayload(ReadOnlySpan<byte> payload)
    {
        var message = ServerToClient.Parser.ParseFrom(payload);
        if (message.MessagesCase == ServerToClient.MessagesOneofCase.EchoInd)
            _ = OnEcho(message.EchoInd);
        else
            OnLoad();
    }
}
