using System.Security.Cryptography;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Msp;

/// <summary>MSP sockets over lanes of two hosts on this machine.</summary>
public sealed class MspOverLanesTests : TwoHosts
{
    private const uint Port = 700;

    [Fact]
    [Covers("MSP-141", "MSP-180", "MSP-184")]
    public async Task Messages_of_any_length_go_both_ways()
    {
        using var servers = MspSockets.Over(Server);
        using var clients = MspSockets.Over(Client);
        using var listener = servers.Listen(Port);
        using var socket = await clients.Connect(Server.Id, Port);
        var serving = MspTraffic.Echo(await listener.Accept());
        var buffer = new byte[clients.MessageSizeMax];
        foreach (var length in new[] { 1, 100, 1_024, 5_000, 100_000, clients.MessageSizeMax, 3 })
        {
            var message = RandomNumberGenerator.GetBytes(length);
            await socket.Send(message);
            Assert.Equal(length, await socket.Receive(buffer));
            Assert.Equal(message, buffer[..length]);
        }

        socket.Shutdown();
        Assert.Equal(0, await socket.Receive(buffer));
        await socket.Completion;
        await serving;
    }

    [Fact]
    [Covers("MSP-144")]
    public void A_program_of_one_thread_polls()
    {
        var driven = new MspSocketsOptions { IsCallerDriven = true };
        using var servers = MspSockets.Over(Server);
        using var clients = MspSockets.Over(Client, driven);
        var listener = servers.Create();
        listener.Bind(Port);
        listener.SetHandler((socket, states, message) =>
        {
            if (message.Length > 0)
                Assert.True(socket.TrySend(message));
            if ((states & (MspStates.ShutdownRemote | MspStates.Closed)) == MspStates.ShutdownRemote)
                socket.Shutdown();
            return message.Length;
        });
        listener.Listen();

        var thread = Environment.CurrentManagedThreadId;
        var received = new List<byte>();
        var socket = clients.Create();
        socket.SetHandler((_, _, message) =>
        {
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            if (message.Length > 0)
                received.Add(message[0]);
            return message.Length;
        });
        socket.Connect(Server.Id, Port);
        for (var i = 0; i < 100; i++)
            Assert.True(socket.TrySend([(byte)i]));
        socket.Shutdown();
        while (clients.Count > 0)
            clients.WaitForInput(clients.Process(clients.Now));
        Assert.Equal(Enumerable.Range(0, 100), received.Select(first => (int)first));
    }

    [Fact]
    [Covers("MSP-142", "MSP-147")]
    public async Task Closing_amid_traffic_hangs_nobody()
    {
        for (var round = 0; round < 10; round++)
        {
            using var servers = MspSockets.Over(Server);
            using var clients = MspSockets.Over(Client);
            using var listener = servers.Listen(Port);
            var accepting = listener.Accept().AsTask();
            var socket = await clients.Connect(Server.Id, Port);
            var accepted = await accepting;
            var traffic = MspTraffic.Both(socket, accepted);
            await Task.Yield();
            Action[] ways = [socket.Stop, socket.Abandon, accepted.Stop, clients.CloseAll, clients.Dispose, servers.Dispose];
            ways[round % ways.Length]();
            await traffic.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }
}
