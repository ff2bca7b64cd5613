using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Core;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>What others do with a peer while a thread has datagrams of it on their way to the port.</summary>
[Collection(nameof(WholeProcess))]
public sealed class UnderWayTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private readonly HeldPlatform platform = new();
    private readonly TaskCompletionSource<int> ordered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private MessageHost client = null!;
    private MessageHost server = null!;

    public async Task InitializeAsync()
    {
        client = await MessageHost.Start(
            platform, new MsgNetOptions(), MessageHost.DefaultTransports, NullLoggerFactory.Instance, CancellationToken.None);
        server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        server.SetRequestHandler("/echo", (message, _) => ValueTask.FromResult(message.Data));
        server.SetMessageHandler("/loose", _ => { });
        server.SetMessageHandler("/ordered", message => { ordered.TrySetResult(message.Data.Length); });
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        await Ask();
        await client.SendMessage(server.Id, "/loose", new byte[1], SendOptions.Unreliable);
        await Task.Delay(300); // until there is nothing more to acknowledge
    }

    public async Task DisposeAsync()
    {
        await client.DisposeAsync();
        await server.DisposeAsync();
    }

    public void Dispose() => platform.Dispose();

    [Fact]
    [Covers("API-234")]
    public async Task A_goodbye_is_not_overtaken_by_the_next_hello()
    {
        platform.Hold();
        var sending = SendLoose();
        platform.WaitUntilHeld();
        var closing = Task.Run(() => client.Network.ClosePeer(server.Id).AsTask());
        var asking = Task.Run(Ask);
        await Task.Delay(50);
        Assert.Empty(platform.Sent);
        platform.Release();
        await closing.WaitAsync(Guard);
        await sending.WaitAsync(Guard);
        await Record.ExceptionAsync(() => asking).WaitAsync(Guard); // asked before it was closed, or after
        await Ask();
        var sent = platform.Sent.ToList();
        Assert.True(sent.IndexOf(ChannelMessageType.Hello) >= 2, string.Join(' ', sent)); // behind what was held, and the CLOSE
    }

    [Theory]
    [InlineData("request")]
    [InlineData("stream")]
    [InlineData("message")]
    [Covers("API-234")]
    public async Task A_peer_that_is_closed_meanwhile_is_dialled_anew(string by)
    {
        platform.Hold();
        var sending = SendLoose();
        platform.WaitUntilHeld();
        BreakOff();
        var dialling = Task.Run(() => Dial(by));
        await Task.Delay(50);
        Assert.Empty(platform.Sent);
        platform.Release();
        await dialling.WaitAsync(Guard);
        await sending.WaitAsync(Guard);
    }

    [Fact]
    [Covers("API-234")]
    public async Task A_goodbye_of_the_machines_own_leaves_before_the_next_hello()
    {
        platform.Hold();
        var goodbye = Task.Run(BreakOff);
        platform.WaitUntilHeld();
        var asking = Task.Run(Ask);
        await Task.Delay(50);
        Assert.Empty(platform.Sent);
        platform.Release();
        await asking.WaitAsync(Guard);
        await goodbye.WaitAsync(Guard);
        Assert.Equal([ChannelMessageType.Data, ChannelMessageType.Hello], platform.Sent.Take(2));
    }

    [Fact]
    [Covers("API-234")]
    public async Task A_delivery_that_fails_leaves_no_peer_without_anybody_who_writes_to_it()
    {
        platform.Fails = true;
        platform.Hold();
        var sending = Task.Run(() => client.SendMessage(server.Id, "/ordered", new byte[9], SendOptions.Ordered).AsTask());
        platform.WaitUntilHeld();
        _ = client.Addresses; // enters and leaves the gate
        platform.Release();
        Assert.IsType<InsufficientMemoryException>(await Record.ExceptionAsync(() => sending).WaitAsync(Guard));
        Assert.Equal(9, await ordered.Task.WaitAsync(Guard));
    }

    [Fact]
    [Covers("API-018", "API-234")]
    public async Task A_host_is_not_drained_before_it_has_left()
    {
        platform.Hold();
        var sending = SendLoose();
        platform.WaitUntilHeld();
        var socket = client.Network.Transports().OfType<UdpTransport>().Single().OpenCarrier();
        var draining = socket.Drain(CancellationToken.None).AsTask();
        Assert.False(draining.IsCompleted);
        platform.Release();
        await draining.WaitAsync(Guard);
        await sending.WaitAsync(Guard);
        await socket.DisposeAsync();
    }

    // As when a datagram of the peer broke the protocol.
    private void BreakOff()
    {
        var udp = client.Network.Transports().OfType<UdpTransport>().Single().Context.Udp;
        using (udp.Context.Gate.Enter())
        {
            Assert.True(udp.Node.TryFindPeer(server.Id, out var peer));
            udp.Node.Close(udp.Now, peer, CloseCode.Done, new NodeEvents());
            udp.Pump();
        }
    }

    private async Task Dial(string by)
    {
        switch (by)
        {
            case "request":
                await Ask();
                break;
            case "stream":
                await using (await client.OpenStream(server.Id, "/stream"))
                    break;
            default:
                await client.SendMessage(server.Id, "/ordered", new byte[9], SendOptions.Ordered).AsTask().WaitAsync(Guard);
                Assert.Equal(9, await ordered.Task.WaitAsync(Guard));
                break;
        }
    }

    private Task SendLoose() =>
        Task.Run(() => client.SendMessage(server.Id, "/loose", new byte[7], SendOptions.Unreliable).AsTask());

    private async Task Ask()
    {
        var reply = await client.Request(server.Id, "/echo", new byte[7]).AsTask().WaitAsync(Guard);
        Assert.Equal(7, reply.Data.Length);
    }
}
