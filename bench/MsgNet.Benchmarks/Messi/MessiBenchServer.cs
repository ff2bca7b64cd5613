namespace MsgNet.Benchmarks.Loads;

/// <summary>A generated server, as an application has it.</summary>
internal sealed class MessiBenchServer : IBenchServer
{
    private readonly LoadServer server = new("tcp://127.0.0.1:0");
    private readonly Tally tally = new();

    private MessiBenchServer()
    {
    }

    public int Port => new Uri(server.Address!).Port;

    public long Received => tally.Sum;

    public static async Task<MessiBenchServer> Start()
    {
        var bench = new MessiBenchServer();
        bench.server.OnConnected = (connection, _) =>
        {
            connection.Tag = bench.tally.Add();
            return default;
        };
        bench.server.OnLoadInd = static (connection, _, _) =>
        {
            ((Tally.Cell)connection.Tag!).Increment();
            return default;
        };
        bench.server.OnEchoInd = static (connection, message, cancellation) => connection.Reply(message, cancellation);
        await bench.server.Start();
        return bench;
    }

    public async Task Flood(LoadInd message, CancellationToken stop)
    {
        var connection = server.Connections[0];
        while (!stop.IsCancellationRequested)
        {
            message.Number++;
            await connection.Send(message, CancellationToken.None);
        }
    }

    public ValueTask Broadcast(LoadInd message)
    {
        server.Broadcast(message);
        return default;
    }

    public ValueTask DisposeAsync() => server.DisposeAsync();
}
