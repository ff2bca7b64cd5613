using System.Security.Cryptography;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Msp;

/// <summary>MSP sockets over the ports, timers and threads of this machine.</summary>
public sealed class MspOverUdpTests
{
    private static readonly Multiaddress Loopback = "/ip4/127.0.0.1/udp/0";

    [Theory]
    [InlineData("/ip4/127.0.0.1/udp/0")]
    [InlineData("/ip6/::1/udp/0")]
    [Covers("MSP-141", "MSP-170")]
    public async Task A_conversation_happens_by_itself(string local)
    {
        using var servers = MspSockets.OverPlainUdp();
        using var clients = MspSockets.OverPlainUdp();
        using var listener = servers.Listen(local);
        var serving = MspTraffic.Echo(await Accept(listener, clients, out var connecting));
        using var socket = await connecting;
        var buffer = new byte[1_024];
        for (var i = 0; i < 1_000; i++)
        {
            await socket.Send(BitConverter.GetBytes(i));
            Assert.Equal(4, await socket.Receive(buffer));
            Assert.Equal(i, BitConverter.ToInt32(buffer));
        }

        socket.Shutdown();
        Assert.Equal(0, await socket.Receive(buffer));
        await socket.Completion;
        await serving;
        Assert.Equal(0, clients.Count);
        Assert.Equal(1, servers.Count);
    }

    [Theory]
    [InlineData("default")]
    [InlineData("serval")]
    [Covers("MSP-140", "MSP-144")]
    public void A_program_of_one_thread_polls(string profile)
    {
        var chosen = profile == "serval" ? MspProfile.Serval : MspProfile.Default;
        using var sockets = MspSockets.OverPlainUdp(new MspSocketsOptions { IsCallerDriven = true, Profile = chosen });
        var thread = Environment.CurrentManagedThreadId;
        var received = new List<byte[]>();
        var listener = sockets.Create();
        listener.Bind(Loopback);
        listener.SetHandler((socket, states, message) =>
        {
            Assert.Equal(thread, Environment.CurrentManagedThreadId);
            if (message.Length > 0)
                received.Add(message.ToArray());
            if ((states & (MspStates.ShutdownRemote | MspStates.ShutdownLocal)) == MspStates.ShutdownRemote)
            {
                socket.Shutdown();
                listener.Stop();
            }

            return message.Length;
        });
        listener.Listen();

        var sent = 0;
        var socket = sockets.Create();
        socket.SetHandler((self, states, message) =>
        {
            while (sent < 200 && (states & MspStates.DataOut) != 0 && self.TrySend([(byte)sent]))
                sent++;
            if (sent == 200 && (states & MspStates.ShutdownLocal) == 0)
                self.Shutdown();
            return message.Length;
        });
        socket.Connect(listener.LocalAddress!);

        while (sockets.Count > 0)
            sockets.WaitForInput(sockets.Process(sockets.Now));
        Assert.Equal(Enumerable.Range(0, 200), received.Select(message => (int)message[0]));
    }

    [Fact]
    [Covers("MSP-161", "MSP-162")]
    public async Task Blocking_streams_carry_a_megabyte()
    {
        using var servers = MspSockets.OverPlainUdp();
        using var clients = MspSockets.OverPlainUdp();
        using var listener = servers.Listen(Loopback);
        var accepted = await Accept(listener, clients, out var connecting);
        var bytes = RandomNumberGenerator.GetBytes(1 << 20);
        var socket = await connecting;
        var writing = Task.Factory.StartNew(
            () =>
            {
                using var stream = socket.AsStream();
                stream.Write(bytes, 0, bytes.Length);
            },
            CancellationToken.None,
            TaskCreationOptions.LongRunning,
            TaskScheduler.Default);
        var received = new MemoryStream();
        await accepted.AsStream().CopyToAsync(received);
        accepted.Dispose();
        await writing;
        await socket.Completion;
        Assert.Equal(bytes, received.ToArray());
    }

    [Fact]
    [Covers("MSP-125", "MSP-150")]
    public async Task Many_threads_use_many_sockets()
    {
        const int Sockets = 20;
        const int Messages = 500;
        using var servers = MspSockets.OverPlainUdp();
        using var clients = MspSockets.OverPlainUdp();
        var sums = new long[Sockets];
        var inside = new int[Sockets];
        var listener = servers.Create();
        listener.Bind(Loopback);
        listener.SetHandler((socket, states, message) =>
        {
            if (message.Length > 0)
            {
                var number = message[0];
                Assert.Equal(1, Interlocked.Increment(ref inside[number]));
                Assert.Equal(sums[number]++ % 256, message[1]);
                Interlocked.Decrement(ref inside[number]);
            }

            if ((states & MspStates.ShutdownRemote) != 0)
                socket.Shutdown();
            return message.Length;
        });
        listener.Listen();
        await Task.WhenAll(Enumerable.Range(0, Sockets).Select(number => Task.Run(async () =>
        {
            var socket = await clients.Connect(listener.LocalAddress!);
            for (var i = 0; i < Messages; i++)
                await socket.Send(new[] { (byte)number, (byte)i });
            socket.Shutdown();
            await socket.Completion;
        })));
        Assert.All(sums, sum => Assert.Equal(Messages, sum));
        Assert.Equal(0, clients.Count);
    }

    [Fact]
    [Covers("MSP-142", "MSP-147")]
    public async Task Closing_amid_traffic_hangs_nobody()
    {
        for (var round = 0; round < 20; round++)
        {
            using var servers = MspSockets.OverPlainUdp();
            using var clients = MspSockets.OverPlainUdp();
            var listener = servers.Listen(Loopback);
            var accepted = await Accept(listener, clients, out var connecting);
            var socket = await connecting;
            var traffic = MspTraffic.Both(socket, accepted);
            await Task.Yield();
            Action[] ways = [socket.Stop, socket.Abandon, socket.Dispose, clients.CloseAll, clients.Dispose, servers.Dispose];
            ways[round % ways.Length]();
            servers.Dispose();
            clients.Dispose();
            await traffic.WaitAsync(TimeSpan.FromSeconds(30));
        }
    }

    private static Task<MspSocket> Accept(MspSocket listener, MspSockets clients, out Task<MspSocket> connecting)
    {
        connecting = clients.Connect(listener.LocalAddress!).AsTask();
        return listener.Accept().AsTask();
    }
}
