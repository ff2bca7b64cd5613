using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;
using MsgNet.Platform;
using MsgNet.Sodium;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>What others do with a host while its receiving thread opens datagrams.</summary>
public sealed class UdpArrivalsTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(60);
    private readonly List<int> got = [];
    private WatchedCrypto crypto = null!;
    private MessageHost server = null!;
    private MessageHost client = null!;

    public async Task InitializeAsync()
    {
        var identity = Identity.Generate();
        var platform = SystemPlatform.Instance;
        crypto = new WatchedCrypto(new SodiumChannelCrypto(identity, platform.Random));
        var options = new MsgNetOptions { Listen = { "/ip4/127.0.0.1/udp/0" } };
        server = await MessageHost.Create(
                platform, identity, true, crypto, identity.Id, options, MessageHost.DefaultTransports, NullLoggerFactory.Instance)
            .Open(CancellationToken.None);
        server.SetMessageHandler("/count", message => { got.Add(message.Data.Length); }, new HandlerOptions { Inline = true });
        client = await MessageHost.Start();
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
        await Task.Delay(300); // until there is nothing more to acknowledge
    }

    public async Task DisposeAsync()
    {
        crypto.Opening = null;
        await client.DisposeAsync();
        await server.DisposeAsync().AsTask().WaitAsync(Guard);
        Assert.Equal(0, crypto.Lent);
    }

    public void Dispose() => crypto.Dispose(); // once more than the server

    [Fact]
    [Covers("API-234", "API-113")]
    public async Task Others_enter_the_host_while_it_opens()
    {
        var entered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        OnNextOpening(() =>
        {
            var other = Task.Run(() => server.Network.Sessions(client.Id)); // under the host's lock
            entered.TrySetResult(other.Wait(Guard));
        });
        await client.SendMessage(server.Id, "/count", new byte[7], SendOptions.Ordered).AsTask().WaitAsync(Guard);
        Assert.True(await entered.Task.WaitAsync(Guard));
    }

    [Fact]
    [Covers("API-234")]
    public async Task A_peer_that_is_closed_while_its_datagram_is_opened_has_sent_nothing()
    {
        var closed = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        OnNextOpening(() =>
        {
            closed.TrySetResult(server.Network.ClosePeer(client.Id).AsTask().Wait(Guard));
        });
        await client.SendMessage(server.Id, "/count", new byte[7], SendOptions.Unreliable);
        Assert.True(await closed.Task.WaitAsync(Guard));
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
        Assert.Empty(got);
    }

    [Fact]
    [Covers("API-234")]
    public async Task A_host_that_is_closed_while_it_opens_waits_for_it()
    {
        var closing = new TaskCompletionSource<(bool IsWaiting, Task Ended)>(TaskCreationOptions.RunContinuationsAsynchronously);
        var udp = server.Network.Transports().OfType<UdpTransport>().Single().Context.Udp;
        OnNextOpening(() =>
        {
            var ended = Task.Run(async () => await server.DisposeAsync());
            var waited = SpinWait.SpinUntil(() => CountPorts(udp) == 0, Guard) && !ended.Wait(TimeSpan.FromMilliseconds(200));
            closing.TrySetResult((waited, ended));
        });
        await client.SendMessage(server.Id, "/count", new byte[7], SendOptions.Unreliable);
        var (isWaiting, ended) = await closing.Task.WaitAsync(Guard);
        Assert.True(isWaiting);
        await ended.WaitAsync(Guard);
        Assert.Empty(got);
    }

    [Fact]
    [Covers("API-234")]
    public void What_a_port_received_is_not_taken_once_it_is_closed()
    {
        var udp = server.Network.Transports().OfType<UdpTransport>().Single().Context.Udp;
        var from = NetAddress.From(IPAddress.Loopback, 9, 0);
        var before = udp.Node.Counters.DatagramsReceived;
        using (var closed = SystemPlatform.Instance.OpenPort(IPAddress.Loopback, 0, 0, DatagramPortSettings.Default))
            new UdpArrivals(udp, closed).OnDatagrams(from, new byte[40], 20);
        Assert.Equal(before, udp.Node.Counters.DatagramsReceived);
        new UdpArrivals(udp, udp.Ports.Single()).OnDatagrams(from, new byte[40], 20);
        Assert.Equal(before + 2, udp.Node.Counters.DatagramsReceived);
    }

    private static int CountPorts(UdpEndpoints udp)
    {
        using (udp.Context.Gate.Enter())
            return udp.Ports.Count;
    }

    private void OnNextOpening(Action happens) => crypto.Opening = () =>
    {
        crypto.Opening = null;
        happens();
    };
}
