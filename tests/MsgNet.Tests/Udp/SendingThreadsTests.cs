using System.Buffers.Binary;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>Many threads that send through one host to several peers at once, over real sockets.</summary>
[Collection(nameof(WholeProcess))]
public class SendingThreadsTests
{
    private const string Ordered = "/ordered";
    private const string Loose = "/loose";
    private const string Echo = "/echo";
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);

    [Fact]
    [Covers("API-234", "API-113", "SEC-071")]
    public async Task Everything_reliable_arrives_once_and_in_order_while_keys_change()
    {
        const int peers = 3;
        const int threads = 4;
        const int changes = 2;
        var platform = new LeapingPlatform();
        await using var client = await MessageHost.Start(
            platform, new MsgNetOptions(), MessageHost.DefaultTransports, NullLoggerFactory.Instance, CancellationToken.None);
        var counters = client.Network.Transports().OfType<UdpTransport>().Single().Node.Counters;
        var servers = new List<Server>();
        for (var i = 0; i < peers; i++)
            servers.Add(await Server.Start(client, threads));

        using var end = new CancellationTokenSource();
        var sending = Enumerable.Range(0, peers * threads)
            .Select(number => Task.Run(() => Send(client, servers[number % peers].Host.Id, number / peers, end.Token)))
            .ToArray();
        for (var change = 0; change < changes; change++)
        {
            var before = counters.SessionsEstablished;
            platform.Leap(TimeSpan.FromSeconds(130)); // new keys are due at 120, and nothing is sent under old ones after 180
            Assert.True(SpinWait.SpinUntil(() => counters.SessionsEstablished >= before + peers, Guard));
        }

        await end.CancelAsync();
        var sent = await Task.WhenAll(sending).WaitAsync(Guard);
        for (var i = 0; i < peers; i++)
        {
            Assert.Equal(sent.Where((_, number) => number % peers == i), servers[i].Next);
            Assert.Empty(servers[i].Wrong);
            await servers[i].Host.DisposeAsync();
        }
    }

    [Fact]
    [Covers("API-234", "API-018")]
    public async Task A_host_that_is_closed_while_others_send_ends_and_each_send_is_told()
    {
        for (var round = 0; round < 10; round++)
        {
            var client = await MessageHost.Start();
            var server = await Server.Start(client, 1);
            var other = await Server.Start(client, 1);
            var sending = new[] { server, other, server, other }
                .Select(to => Task.Run(() => SendUntilClosed(client, to.Host.Id)))
                .ToArray();
            await Task.Delay(20 + (round * 5));
            await client.DisposeAsync().AsTask().WaitAsync(Guard);
            await Task.WhenAll(sending).WaitAsync(Guard);
            await server.Host.DisposeAsync();
            await other.Host.DisposeAsync();
        }
    }

    [Fact]
    [Covers("API-234")]
    public async Task A_peer_that_is_closed_while_others_send_is_reached_again()
    {
        await using var client = await MessageHost.Start();
        var server = await Server.Start(client, 1);
        var ends = false;
        var sending = Enumerable.Range(0, 3).Select(_ => Task.Run(async () =>
        {
            while (!Volatile.Read(ref ends))
                await Try(() => client.SendMessage(server.Host.Id, Loose, new byte[500], SendOptions.Unreliable));
        })).ToArray();
        for (var round = 0; round < 30; round++)
        {
            await Task.Delay(10);
            await client.Network.ClosePeer(server.Host.Id);
        }

        Volatile.Write(ref ends, true);
        await Task.WhenAll(sending).WaitAsync(Guard);
        var reply = await client.Request(server.Host.Id, Echo, new byte[7]).AsTask().WaitAsync(Guard);
        Assert.Equal(7, reply.Data.Length);
        await server.Host.DisposeAsync();
    }

    // Returns how many ordered messages it has sent; all of them have arrived then.
    private static async Task<int> Send(MessageHost client, PeerId to, int thread, CancellationToken end)
    {
        var session = client.OpenSession(to, Ordered, SendOptions.Ordered);
        var count = 0;
        for (; !end.IsCancellationRequested; count++)
        {
            var data = new byte[8 + (count % 700)];
            BinaryPrimitives.WriteInt32LittleEndian(data, thread);
            BinaryPrimitives.WriteInt32LittleEndian(data.AsSpan(4), count);
            await session.SendMessage(data, CancellationToken.None);
            if (count % 3 == 0)
                await client.SendMessage(to, Loose, data, SendOptions.Unreliable, CancellationToken.None);
            if (count % 500 == 0)
                Assert.Equal(data.Length, (await client.Request(to, Echo, data, CancellationToken.None)).Data.Length);
        }

        await session.DisposeAsync();
        await session.Completion.WaitAsync(Guard, CancellationToken.None);
        return count;
    }

    private static async Task SendUntilClosed(MessageHost client, PeerId to)
    {
        var data = new byte[700];
        while (await Try(() => client.SendMessage(to, Ordered, data))
            && await Try(() => client.SendMessage(to, Loose, data, SendOptions.Unreliable)))
        {
        }
    }

    private static async Task<bool> Try(Func<ValueTask> send)
    {
        try
        {
            await send();
            return true;
        }
        catch (Exception error) when (error is MsgNetException or ObjectDisposedException)
        {
            return false;
        }
    }

    private sealed class Server
    {
        private Server(MessageHost host, int threads) => (Host, Next) = (host, new int[threads]);

        public MessageHost Host { get; }

        public int[] Next { get; }

        public List<string> Wrong { get; } = [];

        public static async Task<Server> Start(MessageHost client, int threads)
        {
            var server = new Server(await MessageHost.Start("/ip4/127.0.0.1/udp/0"), threads);
            server.Host.SetMessageHandler(Ordered, server.OnOrdered, new HandlerOptions { Inline = true });
            server.Host.SetMessageHandler(Loose, _ => { }, new HandlerOptions { Inline = true });
            server.Host.SetRequestHandler(Echo, (message, _) => ValueTask.FromResult(message.Data));
            client.Network.Peerstore.AddAddress(server.Host.Id, server.Host.Addresses[0]);
            return server;
        }

        private void OnOrdered(Message message)
        {
            var data = message.Data.Span;
            if (data.Length < 8 || Next.Length == 1)
                return;

            var thread = BinaryPrimitives.ReadInt32LittleEndian(data);
            var number = BinaryPrimitives.ReadInt32LittleEndian(data[4..]);
            if (number != Next[thread]++)
                Wrong.Add($"{thread}: {number} in place of {Next[thread] - 1}");
        }
    }

    // Its wall clock leaps, as after a suspension: keys are as old as it says (SEC-068).
    private sealed class LeapingPlatform : WrappedPlatform
    {
        private long ahead;

        public override long UnixMicroseconds => base.UnixMicroseconds + Volatile.Read(ref ahead);

        public void Leap(TimeSpan by) => Interlocked.Add(ref ahead, by.Ticks / TimeSpan.TicksPerMicrosecond);
    }
}
