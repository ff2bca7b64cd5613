using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>Many clients, and many that come and go.</summary>
[Collection(Alone.Name)]
public sealed class LoadTests
{
    [Fact]
    public async Task A_thousand_clients_are_served_and_get_what_is_said_to_all()
    {
        const int Clients = 1000;
        await using var server = new ChatServer("tcp://127.0.0.1:0", new MessiServerOptions { KeepAliveTimeout = TimeSpan.FromMinutes(5) })
        {
            OnConnectReq = (connection, _, cancellationToken) => connection.Reply(new ConnectRsp(), cancellationToken),
        };
        await server.Start();
        var heard = 0;
        var all = new TaskCompletionSource();
        var clients = new List<ChatClient>();
        for (var i = 0; i < Clients; i++)
        {
            var client = new ChatClient(server.Address!, new MessiClientOptions
            {
                ConnectTimeout = TimeSpan.FromMinutes(1),
                KeepAliveInterval = TimeSpan.FromMinutes(1),
            });
            client.OnMessageInd = (_, _) =>
            {
                if (Interlocked.Increment(ref heard) == Clients)
                    all.SetResult();
                return default;
            };
            client.Start();
            clients.Add(client);
        }

        foreach (var client in clients)
        {
            await client.WaitForConnection().Soon();
            await client.Connect(new ConnectReq { User = "u" }).Soon();
        }

        Assert.Equal(Clients, server.Connections.Count);
        Assert.Equal(Clients, server.Broadcast(new MessageInd { Text = "to all" }));
        await all.Task.Soon();
        await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask())).Soon();
        while (server.Connections.Count > 0)
            await Task.Yield();
    }

    [Fact]
    [Covers("API-199")]
    public async Task Ten_thousand_connects_and_disconnects_leave_nothing_behind()
    {
        const int Rounds = 10_000;
        const int AtOnce = 50;
        var time = new FakeTime();
        await using var server = new ChatServer("tcp://127.0.0.1:0", new MessiServerOptions { TimeProvider = time })
        {
            OnConnectReq = (connection, _, cancellationToken) => connection.Reply(new ConnectRsp(), cancellationToken),
        };
        await server.Start();
        var request = Convert.FromHexString("00000001" + "00000008" + "0a060a044572696b");

        await Visit(AtOnce * 10);
        var before = Memory();
        await Visit(Rounds);
        Assert.Equal(0, time.Timers);
        // A connection that stayed would hold its buffer of 4 KiB, and much besides.
        Assert.InRange(Memory() - before, long.MinValue, 4L * 1024 * 1024);

        async Task Visit(int count)
        {
            for (var done = 0; done < count; done += AtOnce)
                await Task.WhenAll(Enumerable.Range(0, AtOnce).Select(number => VisitOnce(number))).Soon();
            while (server.Connections.Count > 0 || time.Timers > 0)
                await Task.Yield();
        }

        async Task VisitOnce(int number)
        {
            using var peer = await RawPeer.Connect(server.Address);
            await peer.Send(request);
            await peer.Read(10);
            if (number % 2 == 0)
                peer.Reset();
        }
    }

    private static long Memory()
    {
        for (var i = 0; i < 2; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        return GC.GetTotalMemory(forceFullCollection: true);
    }
}
