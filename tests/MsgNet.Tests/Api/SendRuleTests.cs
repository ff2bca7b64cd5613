using System.Text;
using MsgNet.Testing;

namespace MsgNet.Tests.Api;

/// <summary>Rules of <c>specs/api.md</c> on sending and receiving, over UDP.</summary>
public sealed class SendRuleTests : IAsyncLifetime
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);
    private MessageHost server = null!;
    private MessageHost client = null!;

    public async Task InitializeAsync()
    {
        server = await MessageHost.Start("/ip4/127.0.0.1/udp/0", "/memory/0");
        client = await MessageHost.Start();
        foreach (var address in server.Addresses)
            client.Network.Peerstore.AddAddress(server.Id, address);
    }

    public async Task DisposeAsync()
    {
        await client.DisposeAsync();
        await server.DisposeAsync();
    }

    [Fact]
    [Covers("API-031", "API-064", "API-065")]
    public async Task Send_without_options_is_unreliable_and_more_than_asked_shows()
    {
        var got = Next("/d");
        await client.SendMessage(server.Id, "/d", "x"u8.ToArray());
        var message = await got.WaitAsync(Guard);
        Assert.Equal(Delivery.Unreliable, message.Delivery);
        Assert.Equal(client.Id, message.From);

        await using var near = await MessageHost.Start();
        near.Network.Peerstore.AddAddress(
            server.Id, server.Addresses.Single(address => address.ToString().StartsWith("/memory/", StringComparison.Ordinal)));
        got = Next("/d");
        await near.SendMessage(server.Id, "/d", "x"u8.ToArray(), SendOptions.Reliable);
        Assert.Equal(Delivery.ReliableOrdered, (await got.WaitAsync(Guard)).Delivery);
    }

    [Fact]
    [Covers("API-032", "API-036", "SEC-035")]
    public async Task Unreliable_send_waits_for_nobody_and_its_failure_shows_on_the_session()
    {
        await using var impatient = await MessageHost.Start(new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(300) });
        using var nobody = Identity.Generate();
        impatient.Network.Peerstore.AddAddress(nobody.Id, "/ip4/127.0.0.1/udp/9");
        var session = impatient.OpenSession(nobody.Id, "/x", SendOptions.Unreliable);
        Assert.True(session.SendMessage(new byte[1]).IsCompletedSuccessfully);
        Assert.True(session.TrySend(new byte[1]));

        var error = await Assert.ThrowsAsync<PeerUnreachableException>(() => session.Completion.WaitAsync(Guard));
        Assert.Single(error.Attempts);
    }

    [Fact]
    [Covers("API-038")]
    public async Task Empty_message_arrives_empty()
    {
        var got = Next("/empty");
        await client.SendMessage(server.Id, "/empty", ReadOnlyMemory<byte>.Empty);
        Assert.Equal(0, (await got.WaitAsync(Guard)).Data.Length);
    }

    [Fact]
    [Covers("API-041")]
    public async Task Session_sends_as_the_host_does_and_leaves_others_alone_when_closed()
    {
        var first = client.OpenSession(server.Id, "/s", SendOptions.Unreliable);
        await using var second = client.OpenSession(server.Id, "/s", SendOptions.Unreliable);
        await first.DisposeAsync();
        var got = Next("/s");
        Assert.True(second.TrySend("still"u8));
        Assert.Equal("still", Encoding.UTF8.GetString((await got.WaitAsync(Guard)).Data.Span));
        Assert.False(second.Completion.IsCompleted);
    }

    [Fact]
    [Covers("API-071")]
    public async Task Request_ends_in_exactly_one_of_its_ways()
    {
        server.SetRequestHandler("/ok", (message, _) => ValueTask.FromResult(message.Data));
        server.SetMessageHandler("/silent", _ => { });
        server.SetMessageHandler("/never", async (_, token) => await Task.Delay(Timeout.Infinite, token));
        var reply = await client.Request(server.Id, "/ok", "own"u8.ToArray()).AsTask().WaitAsync(Guard);
        Assert.Equal("own", Encoding.UTF8.GetString(reply.Data.Span));

        var failed = await Assert.ThrowsAsync<RequestFailedException>(() => client.Request(server.Id, "/silent", new byte[1]).AsTask());
        Assert.Equal(RequestStatus.NoReply, failed.Status);
        failed = await Assert.ThrowsAsync<RequestFailedException>(() => client.Request(server.Id, "/unknown", new byte[1]).AsTask());
        Assert.Equal(RequestStatus.ProtocolNotSupported, failed.Status);

        var brief = new RequestOptions { Timeout = TimeSpan.FromMilliseconds(200) };
        await Assert.ThrowsAsync<TimeoutException>(() => client.Request(server.Id, "/never", new byte[1], brief).AsTask().WaitAsync(Guard));

        using var source = new CancellationTokenSource();
        var cancelled = client.Request(server.Id, "/never", new byte[1], source.Token).AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Guard));
    }

    [Fact]
    [Covers("API-095")]
    public async Task Peer_that_dialled_can_be_answered()
    {
        server.SetMessageHandler("/hello", async message => await server.SendMessage(message.From, "/back", message.ToOwned().Data));
        var got = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        client.SetMessageHandler("/back", message => { got.TrySetResult(message.ToOwned()); });
        Assert.Empty(server.Network.Peerstore.Addresses(client.Id));
        await client.SendMessage(server.Id, "/hello", "hi"u8.ToArray());
        Assert.Equal(server.Id, (await got.Task.WaitAsync(Guard)).From);

        // The answer needed no confirmation; the peerstore waits for it, and a round trip later it has come.
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
        Assert.NotEmpty(server.Network.Peerstore.Addresses(client.Id));
    }

    [Fact]
    [Covers("API-095")]
    public async Task Peer_whose_first_flight_is_all_that_came_can_be_answered_at_once()
    {
        // Inline, so that the answer is asked for before the handshake can be confirmed.
        var answered = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.SetMessageHandler(
            "/early",
            (message, _) =>
            {
                var sent = server.SendMessage(message.From, "/back", new byte[1], CancellationToken.None);
                answered.TrySetResult(message.Early && sent.IsCompletedSuccessfully);
                return ValueTask.CompletedTask;
            },
            new HandlerOptions { Inline = true });
        var got = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        client.SetMessageHandler("/back", _ => { got.TrySetResult(); });
        await client.SendMessage(server.Id, "/early", new byte[1]);
        Assert.True(await answered.Task.WaitAsync(Guard));
        await got.Task.WaitAsync(Guard);
    }

    [Fact]
    [Covers("API-113", "MP-029")]
    public async Task Members_may_be_called_from_inside_a_handler()
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.SetMessageHandler("/inside", async message =>
        {
            server.SetMessageHandler("/other", _ => { });
            var reply = await server.Request(message.From, MessageHost.PingProtocol, new byte[5]);
            server.RemoveMessageHandler("/other");
            done.TrySetResult(reply.Data.Length);
        });
        await client.SendMessage(server.Id, "/inside", new byte[1]);
        Assert.Equal(5, await done.Task.WaitAsync(Guard));

        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        server.SetMessageHandler("/close", async _ =>
        {
            await server.Close(TimeSpan.FromMilliseconds(200));
            closed.TrySetResult();
        });
        await client.SendMessage(server.Id, "/close", new byte[1]);
        await closed.Task.WaitAsync(Guard);
    }

    private Task<Message> Next(ProtocolId protocol)
    {
        var next = new TaskCompletionSource<Message>(TaskCreationOptions.RunContinuationsAsynchronously);
        server.SetMessageHandler(protocol, message => { next.TrySetResult(message.ToOwned()); });
        return next.Task;
    }
}
