namespace MsgNet.Benchmarks.Loads;

/// <summary>A generated client, as an application has it.</summary>
internal sealed class MessiBenchClient(int port) : IBenchClient
{
    private readonly LoadClient client = new($"tcp://127.0.0.1:{port}");

    public Action OnLoad { get; set; } = static () => { };

    public Func<EchoInd, ValueTask> OnEcho { get; set; } = static _ => default;

    public async Task Connect()
    {
        client.OnLoadInd = (_, _) =>
        {
            OnLoad();
            return default;
        };
        client.OnEchoInd = (message, _) => OnEcho(message);
        client.Start();
        await client.WaitForConnection();
    }

    public ValueTask Send(LoadInd message) => client.Send(message);

    public ValueTask Send(EchoInd message) => client.Send(message);

    public ValueTask DisposeAsync() => client.DisposeAsync();
}
