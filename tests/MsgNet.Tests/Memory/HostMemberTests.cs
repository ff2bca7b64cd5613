using System.Text;
using MsgNet.Testing;
using static MsgNet.Tests.MemoryHosts;

namespace MsgNet.Tests.Memory;

/// <summary>Every member of the host, over the memory transport.</summary>
public class HostMemberTests
{
    private static readonly ProtocolId Chat = "/chat/1.0";

    [Fact]
    public async Task SendMessage_reaches_the_handler_with_what_the_sender_gave()
    {
        Pair(out var a, out var b);
        var got = new TaskCompletionSource<Message>();
        b.SetMessageHandler(Chat, (message, _) =>
        {
            got.TrySetResult(message.ToOwned());
            return ValueTask.CompletedTask;
        });

        await Soon(a.SendMessage(b.Id, Chat, "hi"u8.ToArray()));

        var message = await Soon(got.Task);
        Assert.Equal("hi", Encoding.UTF8.GetString(message.Data.Span));
        Assert.Equal(a.Id, message.From);
        Assert.Equal(Chat, message.Protocol);
        Assert.Equal(Delivery.ReliableOrdered, message.Delivery);
        Assert.False(message.CanReply);
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    public async Task The_first_message_of_a_known_peer_needs_no_await_and_allocates_no_task()
    {
        Pair(out var a, out var b);
        b.SetMessageHandler(Chat, (_, _) => ValueTask.CompletedTask);

        Assert.True(a.SendMessage(b.Id, Chat, new byte[10]).IsCompletedSuccessfully);

        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    public async Task SetMessageHandler_replaces_and_RemoveMessageHandler_ends()
    {
        Pair(out var a, out var b);
        var second = new TaskCompletionSource();
        b.SetMessageHandler(Chat, (_, _) => throw new InvalidOperationException("the first handler was replaced"));
        b.SetMessageHandler(Chat, (_, _) =>
        {
            second.TrySetResult();
            return ValueTask.CompletedTask;
        });

        await Soon(a.SendMessage(b.Id, Chat, new byte[1], new SendOptions { Delivery = Delivery.Reliable, WaitForDelivery = true }));
        await Soon(second.Task);
        Assert.True(b.RemoveMessageHandler(Chat));
        Assert.False(b.RemoveMessageHandler(Chat));

        var session = a.OpenSession(b.Id, Chat, SendOptions.Ordered);
        await Soon(session.SendMessage(new byte[1]));
        var error = await Assert.ThrowsAsync<ProtocolNotSupportedException>(() => Soon(session.Completion));
        Assert.Equal(b.Id, error.Peer);
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    public async Task Request_gives_the_reply_as_owned_data()
    {
        Pair(out var a, out var b);
        b.SetMessageHandler(Chat, (message, token) => message.Reply(new byte[] { 1, 2, (byte)message.Data.Length }, token));

        var reply = await Soon(a.Request(b.Id, Chat, new byte[7]));

        Assert.Equal([1, 2, 7], reply.Data.ToArray());
        Assert.Equal(b.Id, reply.From);
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    public async Task Every_host_answers_the_ping_protocol_with_the_same_bytes()
    {
        Pair(out var a, out var b);

        var reply = await Soon(a.Request(b.Id, MessageHost.PingProtocol, "abc"u8.ToArray(), RequestOptions.Default));

        Assert.Equal("abc"u8.ToArray(), reply.Data.ToArray());
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    [Covers("API-101")]
    public async Task OpenSession_sends_in_order()
    {
        Pair(out var a, out var b);
        var got = new List<byte>();
        var all = new TaskCompletionSource();
        b.SetMessageHandler(Chat, (message, _) =>
        {
            got.Add(message.Data.Span[0]);
            if (got.Count == 200)
                all.TrySetResult();
            return ValueTask.CompletedTask;
        });

        await using (var session = a.OpenSession(b.Id, Chat, SendOptions.Ordered))
        {
            for (var i = 0; i < 200; i++)
                await Soon(session.SendMessage(new byte[] { (byte)i }));
            await Soon(all.Task);
        }

        Assert.Equal(Enumerable.Range(0, 200).Select(i => (byte)i), got);
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Covers("API-063")]
    [Fact]
    public async Task ReceiveMessages_subscribes_when_called()
    {
        Pair(out var a, out var b);
        var messages = b.ReceiveMessages(Chat);
        await Soon(a.SendMessage(b.Id, Chat, new byte[] { 9 }));

        await foreach (var message in messages)
        {
            Assert.Equal(9, message.Data.Span[0]);
            break;
        }

        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }

    [Fact]
    public async Task Start_listens_where_it_is_told_and_Addresses_name_the_host()
    {
        var host = await Soon(MessageHost.Start("/memory/0"));

        var address = Assert.Single(host.Addresses);
        Assert.True(address.TryGetPeerId(out var peer));
        Assert.Equal(host.Id, peer);
        Assert.Same(host.Network, host.Network);
        await Soon(host.DisposeAsync());
    }

    [Covers("API-011")]
    [Covers("API-012")]
    [Fact]
    public async Task Start_with_options_refuses_contradictions_and_foreign_addresses()
    {
        var options = new MsgNetOptions { DialTimeout = TimeSpan.Zero };
        Assert.Throws<Microsoft.Extensions.Options.OptionsValidationException>(() => { _ = MessageHost.Start(options).AsTask(); });

        var foreign = new MsgNetOptions { Listen = { "/ip4/127.0.0.1/tcp/1" } };
        var error = await Assert.ThrowsAsync<ArgumentException>(() => Soon(MessageHost.Start(foreign)));
        Assert.Contains("udp, msp, memory", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_hosts_talk_over_udp_by_default()
    {
        var b = await Soon(MessageHost.Start("/ip4/127.0.0.1/udp/0"));
        var a = await Soon(MessageHost.Start());
        Introduce(a, b);

        var reply = await Soon(a.Request(b.Id, MessageHost.PingProtocol, "over udp"u8.ToArray()));

        Assert.Equal("over udp"u8.ToArray(), reply.Data.ToArray());
        Assert.Equal(Delivery.Unreliable, reply.Delivery);
        await Soon(a.DisposeAsync());
        await Soon(b.DisposeAsync());
    }
}
