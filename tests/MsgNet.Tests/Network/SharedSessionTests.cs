using System.Collections.Concurrent;
using MsgNet.Testing;

namespace MsgNet.Tests.Network;

/// <summary>Sends of a host find the session they share without its gate, and it may end before they have used it.</summary>
public sealed class SharedSessionTests : IDisposable
{
    private static readonly ProtocolId Chat = "/chat";
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private readonly MemoryHosts hosts = new();
    private readonly CancellationTokenSource end = new(Guard);

    public void Dispose() => end.Dispose();

    [Theory]
    [Covers("API-084")]
    [InlineData(true, Delivery.Unreliable, 1)]
    [InlineData(true, Delivery.Unreliable, 3)]
    [InlineData(true, Delivery.ReliableOrdered, 1)]
    [InlineData(true, Delivery.ReliableOrdered, 3)]
    [InlineData(false, Delivery.Unreliable, 1)]
    [InlineData(false, Delivery.ReliableOrdered, 1)]
    public async Task A_send_whose_session_is_closed_after_it_was_found_takes_another(bool byUdp, Delivery delivery, int count)
    {
        await using var server = byUdp ? await MessageHost.Start("/ip4/127.0.0.1/udp/0") : hosts.Listening();
        await using var client = byUdp ? await MessageHost.Start() : hosts.Silent();
        MemoryHosts.Introduce(client, server);
        var arrived = new BlockingCollection<int>();
        server.SetMessageHandler(Chat, message => arrived.Add(message.Data.Length));
        var options = new SendOptions { Delivery = delivery };
        await client.SendMessage(server.Id, Chat, new byte[1], options).AsTask().WaitAsync(Guard);
        Assert.Equal(1, arrived.Take(end.Token));

        var messages = Enumerable.Repeat((ReadOnlyMemory<byte>)new byte[2], count).ToArray();
        var sending = Task.CompletedTask;
        var sender = new Thread(() => sending = client.SendMessages(server.Id, Chat, messages, options).AsTask());
        CloseWhenFound(client, server.Id, sender);
        await sending.WaitAsync(Guard);
        for (var i = 0; i < count; i++)
            Assert.Equal(2, arrived.Take(end.Token));
    }

    [Theory]
    [Covers("API-084")]
    [InlineData(true, Delivery.Unreliable)]
    [InlineData(true, Delivery.ReliableOrdered)]
    [InlineData(false, Delivery.ReliableOrdered)]
    public async Task So_does_a_request(bool byUdp, Delivery delivery)
    {
        await using var server = byUdp ? await MessageHost.Start("/ip4/127.0.0.1/udp/0") : hosts.Listening();
        await using var client = byUdp ? await MessageHost.Start() : hosts.Silent();
        MemoryHosts.Introduce(client, server);
        server.SetRequestHandler(Chat, (message, _) => ValueTask.FromResult(message.Data));
        var options = new RequestOptions { Delivery = delivery };
        await client.Request(server.Id, Chat, new byte[1], options).AsTask().WaitAsync(Guard);

        Task<Message>? asking = null;
        var asker = new Thread(() => asking = client.Request(server.Id, Chat, new byte[2], options).AsTask());
        CloseWhenFound(client, server.Id, asker);
        Assert.Equal(2, (await asking!.WaitAsync(Guard)).Data.Length);
    }

    [Theory]
    [Covers("API-084")]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_holds_a_closed_session_is_told_and_what_ended_otherwise_says_why(bool byUdp)
    {
        await using var server = byUdp ? await MessageHost.Start("/ip4/127.0.0.1/udp/0") : hosts.Listening();
        await using var client = byUdp ? await MessageHost.Start() : hosts.Silent();
        MemoryHosts.Introduce(client, server);
        var closed = (ICarrierSession)client.OpenSession(server.Id, Chat, SendOptions.Ordered);
        await closed.DisposeAsync();
        var send = new PendingSend(new byte[1], isTracked: false);
        Assert.False(closed.TrySubmit(ref send, CancellationToken.None, out _));
        Assert.False(send.IsBegun);
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.SendMessage(new byte[1]).AsTask().WaitAsync(Guard));

        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, byUdp ? "/ip4/127.0.0.1/udp/0" : "/memory/65535");
        var lost = (ICarrierSession)client.OpenSession(nobody.Id, Chat, SendOptions.Ordered);
        for (var i = 0; i < 2; i++)
        {
            Assert.True(lost.TrySubmit(ref send, CancellationToken.None, out var sending));
            await Assert.ThrowsAsync<PeerUnreachableException>(() => sending.AsTask().WaitAsync(Guard));
        }
    }

    // The sender has found its session and stands before the gate.
    private static void CloseWhenFound(MessageHost client, PeerId peer, Thread sender)
    {
        using (client.Context.Gate.Enter())
        {
            sender.Start();
            Assert.True(SpinWait.SpinUntil(() => sender.ThreadState.HasFlag(ThreadState.WaitSleepJoin), Guard));
            Assert.True(client.Network.ClosePeer(peer).IsCompletedSuccessfully);
        }

        sender.Join();
    }
}
