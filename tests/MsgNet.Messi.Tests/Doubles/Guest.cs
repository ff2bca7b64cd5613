using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>The original's chat client: says who it is when it is connected, and writes down what happens.</summary>
internal sealed class Guest : IAsyncDisposable
{
    public Guest(string address, Action<MessiClientOptions>? configure = null)
    {
        var options = new MessiClientOptions { TimeProvider = Time, StopTimeout = TimeSpan.FromMinutes(1) };
        configure?.Invoke(options);
        Client = new ChatClient(address, options)
        {
            OnConnected = Greet,
            OnDisconnected = disconnect => Events.AddNow(disconnect.ToString()),
            OnConnectRsp = (_, _) => Events.AddNow("Connected to the server."),
            OnMessageInd = (message, _) => Events.AddNow($"<{message.User}> {message.Text}"),
            OnConnectFailed = failure =>
            {
                Failures.Add(failure);
                return new ValueTask<TimeSpan?>(failure.Delay);
            },
        };
    }

    public FakeTime Time { get; } = new();

    public ChatClient Client { get; }

    public Log<string> Events { get; } = new();

    public Log<MessiConnectFailure> Failures { get; } = new();

    public static Guest Start(string address, Action<MessiClientOptions>? configure = null)
    {
        var guest = new Guest(address, configure);
        guest.Client.Start();
        return guest;
    }

    /// <summary>The server's side of a connection: a ping at once, and who it is.</summary>
    public static async Task<RawPeer> Meet(RawServer server)
    {
        var peer = await server.Accept();
        await peer.Expect("03000000" + "010000080a060a044572696b");
        return peer;
    }

    public async Task Expect(string entry) => Assert.Equal(entry, await Events.Next());

    /// <summary>Moves the clock when all that came has been dealt with.</summary>
    public async Task Advance(double seconds)
    {
        await Client.Link.Idle();
        Time.Advance(seconds);
    }

    public ValueTask DisposeAsync() => Time.RunUntil(Client.DisposeAsync().AsTask());

    private ValueTask Greet(CancellationToken cancellationToken)
        => Client.Send(new ConnectReq { User = "Erik" }, cancellationToken);
}
