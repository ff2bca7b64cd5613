using MsgNet.Core;
using MsgNet.Messi.Tests.Pairs;

namespace MsgNet.Messi.Tests;

/// <summary>Requests and responses, which belong together by their order alone.</summary>
public sealed class CallTests
{
    [Fact]
    [Covers("MESSI-081")]
    public async Task Answers_come_to_calls_first_in_first_out_both_ways()
    {
        await using var server = new NumbersServer("tcp://127.0.0.1:0");
        var connected = new TaskCompletionSource<NumbersConnection>();
        server.OnConnected = (connection, _) =>
        {
            connected.SetResult(connection);
            return default;
        };
        server.OnFooReq = (connection, request, _) => connection.Reply(new FooRsp { Number = request.Number * 2 });
        await server.Start();
        await using var client = new NumbersClient(server.Address!);
        client.OnFieReq = (request, cancellationToken) => client.Send(new FieRsp { Number = -request.Number }, cancellationToken);
        client.Start();
        await client.WaitForConnection().Soon();

        var calls = Enumerable.Range(0, 500).Select(number => client.Foo(new FooReq { Number = number }).AsTask()).ToArray();
        var answers = await Task.WhenAll(calls).Soon();
        Assert.Equal(Enumerable.Range(0, 500).Select(number => number * 2), answers.Select(answer => answer.Number));
        var back = await connected.Task.Soon();
        Assert.Equal(-7, (await back.Fie(new FieReq { Number = 7 }).Soon()).Number);
    }

    [Fact]
    [Covers("MESSI-085")]
    public async Task A_peer_that_answers_no_call_does_not_make_the_list_of_calls_grow_for_ever()
    {
        using var server = new RawServer();
        await using var client = new NumbersClient(server.Compact);
        client.Start();
        using var peer = await server.Accept();
        await client.WaitForConnection().Soon();
        using var cancellation = new CancellationTokenSource();
        var calls = Enumerable.Range(0, Limits.MessiCallsWaitingMax)
            .Select(number => client.Foo(new FooReq { Number = number }, cancellation.Token).AsTask()).ToArray();
        await cancellation.CancelAsync();
        foreach (var call in calls)
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => client.Foo(new FooReq()).AsTask().Soon());
        Assert.Contains("4096 calls", error.Message, StringComparison.Ordinal);
        await peer.Send("020000040a020801");
        await Task.Run(() => SpinWait.SpinUntil(() => Refused() is null)).Soon();
        peer.Dispose();

        // One answer makes room for one call; refused ones leave no trace.
        Exception? Refused()
        {
            var call = client.Foo(new FooReq());
            return call.IsFaulted ? call.AsTask().Exception : null;
        }
    }

    [Fact]
    [Covers("MESSI-082", "MESSI-084")]
    public async Task A_cancelled_call_keeps_its_place_and_what_no_call_waits_for_goes_to_the_handler()
    {
        using var server = new RawServer();
        await using var client = new NumbersClient(server.Compact);
        var unmatched = new Log<int>();
        client.OnFooRsp = (message, _) => unmatched.AddNow(message.Number);
        client.Start();
        using var peer = await server.Accept();
        await client.WaitForConnection().Soon();
        using var cancellation = new CancellationTokenSource();
        var first = client.Foo(new FooReq { Number = 1 }, cancellation.Token).AsTask();
        var second = client.Foo(new FooReq { Number = 2 }).AsTask();
        await peer.Expect("03000000" + "010000040a020801" + "010000040a020802");
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);

        await peer.Send("020000040a020801" + "020000040a020802" + "020000040a020803");
        Assert.Equal(2, (await second.Soon()).Number);
        Assert.Equal(3, await unmatched.Next());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => client.Foo(new FooReq(), new CancellationToken(canceled: true)).AsTask());
        unmatched.AssertEmpty();
        peer.Dispose();
    }

    [Fact]
    [Covers("MESSI-083")]
    public async Task The_end_of_the_connection_fails_every_call_with_its_reason()
    {
        using var server = new RawServer();
        await using var client = new NumbersClient(server.Compact);
        client.Start();
        var peer = await server.Accept();
        await client.WaitForConnection().Soon();
        var calls = Enumerable.Range(0, 3).Select(_ => client.Foo(new FooReq()).AsTask()).ToArray();
        await peer.Expect("03000000" + "010000020a00" + "010000020a00" + "010000020a00");
        peer.Dispose();
        foreach (var call in calls)
            Assert.Equal(MessiDisconnectReason.ConnectionClosed, (await Assert.ThrowsAsync<MessiException>(() => call.Soon())).Reason);
        Assert.Equal(
            MessiDisconnectReason.NotConnected,
            (await Assert.ThrowsAsync<MessiException>(async () => await client.Foo(new FooReq()))).Reason);
    }

    [Fact]
    public async Task A_call_gives_up_after_the_time_of_the_options()
    {
        using var server = new RawServer();
        var time = new FakeTime();
        await using var client = new NumbersClient(server.Compact, new MessiClientOptions
        {
            CallTimeout = TimeSpan.FromSeconds(1),
            StopTimeout = TimeSpan.Zero,
            TimeProvider = time,
        });
        client.Start();
        using var peer = await server.Accept();
        await client.WaitForConnection().Soon();
        var late = client.Foo(new FooReq { Number = 1 }).AsTask();
        await peer.Expect("03000000" + "010000040a020801");
        time.Advance(1);
        await Assert.ThrowsAsync<TimeoutException>(() => late.Soon());
        var next = client.Foo(new FooReq { Number = 2 }).AsTask();
        await peer.Send("020000040a020801" + "020000040a020802");
        Assert.Equal(2, (await next.Soon()).Number);
    }

    [Fact]
    public async Task A_call_that_was_never_sent_takes_no_answer()
    {
        await using var server = new NumbersServer("tcp://127.0.0.1:0");
        var connected = new TaskCompletionSource<NumbersConnection>();
        server.OnConnected = (connection, _) =>
        {
            connected.SetResult(connection);
            return default;
        };
        await server.Start();
        using var peer = await RawPeer.Connect(server.Address);
        var connection = await connected.Task.Soon();
        // Nothing leaves before the client shows its format, so that the queue fills.
        while (connection.TrySend(new FooRsp { Number = 1 }))
        {
        }

        using var cancellation = new CancellationTokenSource();
        var waiting = connection.Fie(new FieReq { Number = 1 }, cancellation.Token).AsTask();
        var second = connection.Fie(new FieReq { Number = 2 }).AsTask();
        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        await peer.Send("03000000");
        var reading = Task.Run(peer.ReadToEnd);
        await peer.Send("010000041a020809");
        Assert.Equal(9, (await second.Soon()).Number);
        connection.Disconnect();
        var all = await reading.Soon();
        Assert.Contains("0200000412020802", all, StringComparison.Ordinal);
        Assert.DoesNotContain("0200000412020801", all, StringComparison.Ordinal);
    }
}
