using MsgNet.Messi.Tests.Proto;

namespace MsgNet.Messi.Tests;

/// <summary>What the original's own tests of its clients (C and Python) check, under their names, over real sockets.</summary>
public sealed class ClientConformanceTests
{
    private const string Rsp = "020000020a00";
    private const string Hello = "02000010120e0a044572696b120648656c6c6f2e";
    private const string Ping = "03000000";
    private const string Pong = "04000000";

    [Fact]
    [Covers("MESSI-003", "MESSI-004", "MESSI-023", "MESSI-047")]
    public async Task Connect_and_disconnect()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact);
        using var peer = await Guest.Meet(server);
        await peer.Send(Rsp);
        await guest.Expect("Connected to the server.");
        Assert.Equal(MessiClientState.Connected, guest.Client.State);

        var stopped = guest.Client.Stop();
        Assert.Equal("", await peer.ReadToEnd());
        peer.Dispose();
        await stopped.Soon();
        Assert.Equal(MessiClientState.Stopped, guest.Client.State);
        await guest.Expect("Stopped.");

        guest.Time.Advance(3600);
        Assert.Equal(MessiClientState.Stopped, guest.Client.State);
        guest.Client.Start();
        using var second = await Guest.Meet(server);
    }

    [Fact]
    [Covers("MESSI-037")]
    public async Task Connect_successful_on_second_attempt()
    {
        var reserved = new RawServer();
        var port = reserved.Port;
        reserved.Dispose();
        await using var guest = Guest.Start($"tcp://127.0.0.1:{port}?wire=compact");
        var failure = await guest.Failures.Next();
        Assert.Equal(1, failure.Attempts);
        Assert.InRange(failure.Delay, TimeSpan.FromSeconds(0.75), TimeSpan.FromSeconds(1));

        using var server = new RawServer(port);
        while (guest.Client.State != MessiClientState.WaitReconnect)
            await Task.Yield();
        guest.Time.Advance(1);
        using var peer = await Guest.Meet(server);
    }

    [Fact]
    [Covers("MESSI-031", "MESSI-032")]
    public async Task Keep_alive()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact);
        using var peer = await Guest.Meet(server);
        await peer.Send(Pong);
        await guest.Advance(2);
        await peer.Expect(Ping);
        await peer.Send(Pong + Rsp);
        await guest.Expect("Connected to the server.");
        await guest.Advance(2);
        await peer.Expect(Ping);

        await guest.Advance(2);
        Assert.Equal("", await peer.ReadToEnd());
        await guest.Expect("Keep alive timeout.");
        guest.Time.Advance(1);
        using var second = await Guest.Meet(server);
    }

    [Fact]
    public async Task Keep_alive_ping_write_error_disconnect()
    {
        // A carrier whose writes fail while its reads go on: what a socket does rarely and a test cannot make it do.
        var output = new FailingWrites();
        var owner = new RecordingOwner();
        var link = new MessiOutput(output, Core.MessiRole.Client, MessiWireFormat.Compact, 4096, 4096, owner);
        link.SendControl();
        Assert.True(await owner.WasControl.Task.Soon());
    }

    [Fact]
    [Covers("MESSI-046")]
    public async Task Server_disconnects()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact);
        using (await Guest.Meet(server))
        {
        }

        await guest.Expect("Connection closed.");
        Assert.Equal(MessiClientState.WaitReconnect, guest.Client.State);
        guest.Time.Advance(1);
        using var peer = await Guest.Meet(server);
    }

    [Fact]
    [Covers("MESSI-005")]
    public async Task Partial_message_read()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact);
        using var peer = await Guest.Meet(server);
        foreach (var piece in new[] { "02", "0000", "10", "120e0a0445" })
        {
            await peer.Send(piece);
            await guest.Client.Send(new MessageInd { User = "u" });
            await peer.Expect("01000005" + "12030a0175");
        }

        guest.Events.AssertEmpty();
        await peer.Send("72696b120648656c6c6f2e" + Hello);
        await guest.Expect("<Erik> Hello.");
        await guest.Expect("<Erik> Hello.");
    }

    [Fact]
    [Covers("MESSI-042", "MESSI-043")]
    public async Task Send_another_message_after_first_failed()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact);
        (await Guest.Meet(server)).Reset();
        await guest.Expect("Connection closed.");

        for (var i = 0; i < 2; i++)
        {
            var exception = Assert.Throws<MessiException>(() => { _ = guest.Client.Send(new ConnectReq { User = "lost" }); });
            Assert.Equal(MessiDisconnectReason.NotConnected, exception.Reason);
            Assert.False(guest.Client.TrySend(new ConnectReq { User = "lost" }));
        }

        guest.Time.Advance(1);
        using var peer = await Guest.Meet(server);
        await peer.Send(Hello);
        await guest.Expect("<Erik> Hello.");
    }

    [Fact]
    [Covers("MESSI-012")]
    public async Task Encode_error()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact, options => options.MessageSizeMax = 64);
        using var peer = await Guest.Meet(server);

        var tooLong = new MessageInd { User = "Erik", Text = new string('x', 64) };
        var exception = Assert.Throws<MessiException>(() => { _ = guest.Client.Send(tooLong); });
        Assert.Equal(MessiDisconnectReason.MessageEncodeError, exception.Reason);
        Assert.Contains("MessageSizeMax", exception.Message, StringComparison.Ordinal);
        Assert.Throws<MessiException>(() => guest.Client.TrySend(tooLong));

        await guest.Client.Send(new MessageInd { User = "u" });
        await peer.Expect("01000005" + "12030a0175");
        guest.Events.AssertEmpty();
    }

    [Fact]
    [Covers("MESSI-073")]
    public async Task Decode_error()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact);
        using var peer = await Guest.Meet(server);
        await peer.Send(Hello + "0200000199" + Hello);
        Assert.Equal("", await peer.ReadToEnd());
        await guest.Expect("<Erik> Hello.");
        await guest.Expect("Message decode error.");
    }

    [Fact]
    [Covers("MESSI-011")]
    public async Task Received_message_too_big()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact, options => options.MessageSizeMax = 124);
        using var peer = await Guest.Meet(server);
        await peer.Send("0200007d");
        Assert.Equal("", await peer.ReadToEnd());
        await guest.Expect("Message too big.");
    }

    [Fact]
    public async Task Reconnect_on_missing_pong()
    {
        using var server = new RawServer();
        await using var guest = Guest.Start(server.Compact, options => options.KeepAliveInterval = TimeSpan.FromSeconds(1));
        using var peer = await Guest.Meet(server);
        await guest.Advance(1);
        await peer.Expect(Ping);
        await guest.Advance(1);
        Assert.Equal("", await peer.ReadToEnd());
        await guest.Expect("Keep alive timeout.");
        guest.Time.Advance(1);
        using var second = await Guest.Meet(server);
    }

    [Fact]
    public async Task Connection_refused_and_no_reconnect()
    {
        var reserved = new RawServer();
        var port = reserved.Port;
        reserved.Dispose();
        await using var client = new ChatClient($"tcp://127.0.0.1:{port}");
        client.OnConnectFailed = _ => new ValueTask<TimeSpan?>((TimeSpan?)null);
        client.Start();
        var exception = await Assert.ThrowsAsync<MessiException>(() => client.WaitForConnection().Soon());
        Assert.IsType<System.Net.Sockets.SocketException>(exception.InnerException);
        Assert.Equal(MessiClientState.Stopped, client.State);
        exception = await Assert.ThrowsAsync<MessiException>(() => client.WaitForConnection().Soon());
        Assert.IsType<System.Net.Sockets.SocketException>(exception.InnerException);
    }

    [Fact]
    public async Task Connection_refused_and_retry_with_the_returned_delay()
    {
        var reserved = new RawServer();
        var port = reserved.Port;
        reserved.Dispose();
        await using var guest = new Guest($"tcp://127.0.0.1:{port}?wire=compact");
        guest.Client.OnConnectFailed = failure =>
        {
            guest.Failures.Add(failure);
            return new ValueTask<TimeSpan?>(TimeSpan.FromSeconds(40));
        };
        guest.Client.Start();
        await guest.Failures.Next();
        while (guest.Client.State != MessiClientState.WaitReconnect)
            await Task.Yield();
        guest.Time.Advance(39.9);
        Assert.Equal(MessiClientState.WaitReconnect, guest.Client.State);
        guest.Time.Advance(0.1);
        Assert.Equal(2, (await guest.Failures.Next()).Attempts);
    }

    [Fact]
    [Covers("MESSI-039")]
    public async Task Connect_timeout()
    {
        // TLS to a server that does not speak it: the connection is there, and the handshake never ends.
        using var server = new RawServer();
        await using var guest = Guest.Start($"tls://127.0.0.1:{server.Port}");
        using var peer = await server.Accept();
        await peer.Read(1);
        guest.Time.Advance(5);
        var failure = await guest.Failures.Next();
        Assert.IsType<TimeoutException>(failure.Exception);
        await peer.ReadToEnd();
    }

    private sealed class RecordingOwner : IMessiOutputOwner
    {
        public TaskCompletionSource<bool> WasControl { get; } = new();

        public void OnControlsSent() => WasControl.TrySetResult(false);

        public void OnSent(long messages, long bytes) => WasControl.TrySetResult(false);

        public void OnWriteFailed(Exception exception, bool wasControl) => WasControl.TrySetResult(wasControl);
    }

    private sealed class FailingWrites : MemoryStream
    {
        public override ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
            => ValueTask.FromException(new IOException("broken"));
    }
}
