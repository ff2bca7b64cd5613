using MsgNet.Core;
using MsgNet.Messi.Tests.Pairs;

namespace MsgNet.Messi.Tests;

/// <summary>Calls that handlers await, of the very connection whose messages they handle.</summary>
public sealed class HandlerCallTests
{
    [Fact]
    [Covers("MESSI-086")]
    public async Task Handlers_of_both_ends_may_await_calls_of_their_own_connection()
    {
        var numbers = new Log<int>();
        await using var server = new NumbersServer("tcp://127.0.0.1:0");
        server.OnBarInd = async (connection, _, cancellationToken) =>
            numbers.Add((await connection.Fie(new FieReq { Number = 3 }, cancellationToken)).Number);
        server.OnFooReq = (connection, request, cancellationToken) =>
            connection.Reply(new FooRsp { Number = request.Number + 1 }, cancellationToken);
        server.OnConnected = (connection, cancellationToken) => connection.Send(new FieReq { Number = 4 }, cancellationToken);
        await server.Start();
        await using var client = new NumbersClient(server.Address!);
        client.OnFieReq = async (request, cancellationToken) =>
        {
            if (request.Number == 3)
                await client.Send(new FieRsp { Number = -3 }, cancellationToken);
            else
                numbers.Add((await client.Foo(new FooReq { Number = request.Number }, cancellationToken)).Number);
        };
        client.Start();
        Assert.Equal(5, await numbers.Next());
        await client.Send(new BarInd());
        Assert.Equal(-3, await numbers.Next());
    }

    [Fact]
    [Covers("MESSI-086")]
    public async Task OnConnected_may_await_a_call_and_what_comes_meanwhile_waits()
    {
        using var server = new RawServer();
        await using var client = new NumbersClient(server.Compact);
        var log = new Log<string>();
        client.OnConnected = async cancellationToken =>
            log.Add($"call {(await client.Foo(new FooReq { Number = 1 }, cancellationToken)).Number}");
        client.OnFieReq = (message, _) => log.AddNow($"message {message.Number}");
        client.OnFooRsp = (message, _) => log.AddNow($"response {message.Number}");
        client.Start();
        using var peer = await server.Accept();
        await peer.Expect("03000000" + "010000040a020801");
        await peer.Send(Fie(7) + Foo(8) + Foo(9));
        foreach (var entry in new[] { "call 8", "message 7", "response 9" })
            Assert.Equal(entry, await log.Next());
        peer.Dispose();
    }

    [Fact]
    [Covers("MESSI-084")]
    public async Task A_response_that_waited_for_a_handler_completes_no_call_that_was_made_meanwhile()
    {
        using var server = new RawServer();
        await using var client = new NumbersClient(server.Compact);
        var gate = new TaskCompletionSource();
        var unmatched = new Log<int>();
        client.OnFieReq = (_, _) => new ValueTask(gate.Task);
        client.OnFooRsp = (message, _) => unmatched.AddNow(message.Number);
        client.Start();
        using var peer = await server.Accept();
        await client.WaitForConnection().Soon();
        await peer.Send(Fie(1) + Foo(5));
        while (client.Link is not { BytesReceived: 16 })
            await Task.Yield();
        await client.Link.Idle();

        var call = client.Foo(new FooReq()).AsTask();
        gate.SetResult();
        Assert.Equal(5, await unmatched.Next());
        Assert.False(call.IsCompleted);
        await peer.Send(Foo(6));
        Assert.Equal(6, (await call.Soon()).Number);
        peer.Dispose();
    }

    [Fact]
    public async Task A_message_that_cannot_be_read_ends_the_connection_at_its_turn_though_a_call_waits()
    {
        using var server = new RawServer();
        await using var client = new NumbersClient(server.Compact);
        var log = new Log<string>();
        var gate = new TaskCompletionSource();
        client.OnFieReq = async (message, _) =>
        {
            log.Add($"message {message.Number}");
            await gate.Task;
        };
        client.OnDisconnected = disconnect => log.AddNow(disconnect.Reason.ToString());
        client.Start();
        using var peer = await server.Accept();
        await client.WaitForConnection().Soon();
        var call = client.Foo(new FooReq()).AsTask();
        await peer.Send(Fie(1) + Fie(2) + "020000020a05");
        while (client.Link is not { BytesReceived: 22 })
            await Task.Yield();
        await client.Link.Idle();
        Assert.False(call.IsCompleted);
        gate.SetResult();
        foreach (var entry in new[] { "message 1", "message 2", nameof(MessiDisconnectReason.MessageDecodeError) })
            Assert.Equal(entry, await log.Next());
        await Assert.ThrowsAsync<MessiException>(() => call.Soon());
    }

    private static string Foo(int number) => $"020000040a0208{number:x2}";

    private static string Fie(int number) => $"02000004120208{number:x2}";
}
