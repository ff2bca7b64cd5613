using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using MsgNet.Testing;

namespace MsgNet.Tests.Udp;

/// <summary>Resolve: who is at an address? And names that are looked up while a peer comes and goes.</summary>
public sealed class ResolveTests
{
    private static readonly TimeSpan Guard = TimeSpan.FromSeconds(20);

    [Theory]
    [InlineData("/ip4/127.0.0.1/udp/")]
    [InlineData("/dns4/localhost/udp/")]
    [Covers("API-096", "SEC-091")]
    public async Task An_address_tells_who_is_there_and_that_peer_can_be_sent_to(string prefix)
    {
        await using var server = await Start(new MsgNetOptions { AnswerWho = true, Listen = { "/ip4/127.0.0.1/udp/0" } });
        await using var client = await MessageHost.Start();
        Assert.True(server.Addresses[0].TryGetUdpEndPoint(out _, out var port));
        Multiaddress address = $"{prefix}{port}";

        Assert.Equal(server.Id, await client.Network.Resolve(address).AsTask().WaitAsync(Guard));
        Assert.Empty(client.Network.Peerstore.Addresses(server.Id)); // an answer that nobody proved is nobody's address

        client.Network.Peerstore.AddAddress(server.Id, address);
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
    }

    [Fact]
    [Covers("API-096", "SEC-091")]
    public async Task A_host_that_did_not_opt_in_is_silent()
    {
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0", "/memory/0");
        await using var client = await Start(new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(300) });
        foreach (var address in server.Addresses)
        {
            var bare = address.WithoutPeerId()!;
            var error = await Assert.ThrowsAsync<TimeoutException>(() => client.Network.Resolve(bare).AsTask().WaitAsync(Guard));
            Assert.Contains("AnswerWho", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    [Covers("API-096")]
    public async Task Memory_addresses_can_be_asked()
    {
        await using var server = await Start(new MsgNetOptions { AnswerWho = true, Listen = { "/memory/0" } });
        await using var client = await MessageHost.Start();
        Assert.Equal(server.Id, await client.Network.Resolve(server.Addresses[0].WithoutPeerId()!));
    }

    [Theory]
    [InlineData("/ip4/127.0.0.1/tcp/9")]
    [InlineData("/ip4/127.0.0.1/udp/0")]
    [InlineData("/ip4/127.0.0.1/udp/9/plain")]
    [InlineData("/ip4/127.0.0.1/udp/9/p2p/12D3KooWK99VoVxNE7XzyBwXEzW7xhK7Gpv85r9F3V3fyKSUKPH5")]
    [Covers("API-096")]
    public async Task What_cannot_or_need_not_be_asked_is_misuse(string address)
    {
        await using var host = await MessageHost.Start();
        Assert.Throws<ArgumentException>(() => { _ = host.Network.Resolve(address); });
    }

    [Fact]
    public async Task Cancelling_and_closing_end_the_wait()
    {
        var host = await MessageHost.Start();
        using var source = new CancellationTokenSource();
        var cancelled = host.Network.Resolve("/ip4/127.0.0.1/udp/9", source.Token).AsTask();
        var closed = host.Network.Resolve("/ip4/127.0.0.1/udp/9").AsTask();
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled.WaitAsync(Guard));
        Assert.False(closed.IsCompleted);
        await host.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => closed.WaitAsync(Guard));
    }

    [Fact]
    public async Task A_name_without_an_address_cannot_be_asked()
    {
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions(), platform);
        var asking = client.Network.Resolve("/dns/nobody.example/udp/9").AsTask();
        platform.Lookups[0].SetResult([]);
        var error = await Assert.ThrowsAsync<MsgNetException>(() => asking.WaitAsync(Guard));
        Assert.Contains("no address", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/dns4/two.example/udp/9", "127.0.0.1")]
    [InlineData("/dns6/two.example/udp/9", "::1")]
    [Covers("MA-026")]
    public async Task A_name_of_one_ip_version_is_dialled_at_that_version_only(string address, string dialled)
    {
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(300) }, platform);
        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, address);
        var request = client.Request(nobody.Id, "/x", new byte[1]).AsTask();
        platform.Lookups[0].SetResult([IPAddress.IPv6Loopback, IPAddress.Loopback]);
        var error = await Assert.ThrowsAsync<PeerUnreachableException>(() => request.WaitAsync(Guard));
        Assert.Equal(((Multiaddress)$"/{(dialled.Contains(':') ? "ip6" : "ip4")}/{dialled}/udp/9").ToString(),
            Assert.Single(error.Attempts).Target);
    }

    [Fact]
    public async Task A_look_up_goes_on_without_the_context_of_whoever_sends_or_asks()
    {
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions(), platform);
        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, "/dns/nobody.example/udp/9");
        var (before, context) = (SynchronizationContext.Current, new RefusingContext());
        SynchronizationContext.SetSynchronizationContext(context);
        var request = client.Request(nobody.Id, "/x", new byte[1]).AsTask();
        var asking = client.Network.Resolve("/dns/nobody.example/udp/9").AsTask();
        SynchronizationContext.SetSynchronizationContext(before);

        Assert.Equal(2, platform.Lookups.Count);
        platform.Lookups.ForEach(lookup => lookup.SetResult([]));
        await Assert.ThrowsAsync<PeerUnreachableException>(() => request.WaitAsync(Guard));
        await Assert.ThrowsAsync<MsgNetException>(() => asking.WaitAsync(Guard));
        Assert.Equal(0, context.Posts);
    }

    [Theory]
    [InlineData("/dns4/six.example/udp/9", "::1")]
    [InlineData("/dns6/four.example/udp/9", "127.0.0.1")]
    [Covers("MA-026")]
    public async Task A_name_with_addresses_of_the_other_version_only_leads_nowhere(string address, string found)
    {
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions(), platform);
        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, address);
        var request = client.Request(nobody.Id, "/x", new byte[1]).AsTask();
        var asking = client.Network.Resolve(address).AsTask();
        Assert.Equal(2, platform.Lookups.Count);
        foreach (var lookup in platform.Lookups)
            lookup.SetResult([IPAddress.Parse(found)]);

        var unreachable = await Assert.ThrowsAsync<PeerUnreachableException>(() => request.WaitAsync(Guard));
        Assert.Contains("other IP version", Assert.Single(unreachable.Attempts).Error, StringComparison.Ordinal);
        var silent = await Assert.ThrowsAsync<MsgNetException>(() => asking.WaitAsync(Guard));
        Assert.Contains("other IP version", silent.Message, StringComparison.Ordinal);
    }

    [Fact]
    [Covers("MA-026")]
    public async Task A_name_server_does_not_decide_how_many_addresses_are_dialled()
    {
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(300) }, platform);
        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, "/dns/many.example/udp/9");
        var request = client.Request(nobody.Id, "/x", new byte[1]).AsTask();
        platform.Lookups[0].SetResult([.. Enumerable.Range(1, 200).Select(i => new IPAddress([127, 1, 0, (byte)i]))]);
        var error = await Assert.ThrowsAsync<PeerUnreachableException>(() => request.WaitAsync(Guard));
        Assert.Equal(32, error.Attempts.Count);
    }

    [Fact]
    [Covers("MA-026")]
    public async Task A_dnsaddr_is_dialled_and_asked_by_no_transport()
    {
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions(), platform);
        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, "/dnsaddr/peers.example/udp/9");
        var error = await Assert.ThrowsAsync<PeerUnreachableException>(
            () => client.Request(nobody.Id, "/x", new byte[1]).AsTask().WaitAsync(Guard));
        Assert.Contains("no registered transport", Assert.Single(error.Attempts).Error, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => { _ = client.Network.Resolve("/dnsaddr/peers.example/udp/9"); });
        Assert.Empty(platform.Lookups);
    }

    [Fact]
    [Covers("API-092")]
    public async Task A_peer_closed_while_its_name_is_looked_up_is_dialled_anew()
    {
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        Assert.True(server.Addresses[0].TryGetUdpEndPoint(out _, out var port));
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions(), platform);
        client.Network.Peerstore.AddAddress(server.Id, $"/dns/server.example/udp/{port}");

        // A session of its own, for what waits here is lost.
        var session = client.OpenSession(server.Id, "/x", SendOptions.Unreliable);
        Assert.False(session.TrySend("lost"u8));
        var waiting = session.SendMessage("lost"u8.ToArray()).AsTask();
        Assert.Single(platform.Lookups);
        await client.Network.ClosePeer(server.Id);
        Assert.True(platform.Cancellations[0].IsCancellationRequested);
        await session.Completion.WaitAsync(Guard);
        await Assert.ThrowsAsync<SessionLostException>(() => waiting.WaitAsync(Guard));

        var pong = client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask();
        Assert.Equal(2, platform.Lookups.Count);
        platform.Lookups[1].SetResult([IPAddress.Loopback]);
        await pong.WaitAsync(Guard);
        platform.Lookups[0].SetResult([IPAddress.Parse("127.0.0.2")]); // comes to nothing
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
    }

    [Fact]
    [Covers("API-096")]
    public async Task A_name_that_nobody_looks_up_ends_with_the_dial_timeout()
    {
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(200) }, platform);
        var waiting = client.Network.Resolve("/dns/slow.example/udp/9").AsTask();
        var error = await Assert.ThrowsAsync<TimeoutException>(() => waiting.WaitAsync(Guard));
        Assert.Contains("looked up within 0.2 s", error.Message, StringComparison.Ordinal);
        platform.Lookups[0].SetResult([IPAddress.Loopback]); // comes to nothing
        var next = client.Network.Resolve("/dns/slow.example/udp/9").AsTask();
        Assert.False(next.IsCompleted);
        platform.Lookups[1].SetResult([]);
        await Assert.ThrowsAsync<MsgNetException>(() => next.WaitAsync(Guard));
    }

    [Fact]
    [Covers("API-089")]
    public async Task A_name_holds_up_no_address_that_is_known()
    {
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions(), platform);
        client.Network.Peerstore.AddAddress(server.Id, "/dns/slow.example/udp/9");
        client.Network.Peerstore.AddAddress(server.Id, server.Addresses[0]);
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
        Assert.True(Assert.Single(platform.Cancellations).IsCancellationRequested);
        platform.Lookups[0].SetResult([IPAddress.Loopback]); // comes to nothing
        await client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask().WaitAsync(Guard);
    }

    [Fact]
    [Covers("API-089")]
    public async Task What_a_name_stands_for_is_added_to_the_dial_that_runs()
    {
        await using var server = await MessageHost.Start("/ip4/127.0.0.1/udp/0");
        Assert.True(server.Addresses[0].TryGetUdpEndPoint(out _, out var port));
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions(), platform);
        client.Network.Peerstore.AddAddress(server.Id, "/ip4/127.0.0.1/udp/9");
        client.Network.Peerstore.AddAddress(server.Id, $"/dns/server.example/udp/{port}");
        var pong = client.Request(server.Id, MessageHost.PingProtocol, new byte[1]).AsTask();
        await Task.Delay(50);
        Assert.False(pong.IsCompleted);
        platform.Lookups[0].SetResult([IPAddress.Loopback]);
        await pong.WaitAsync(Guard);
    }

    [Theory]
    [Covers("API-083", "API-089")]
    [InlineData("request")]
    [InlineData("message")]
    [InlineData("stream")]
    public async Task A_dial_does_not_wait_for_a_name_without_end(string by)
    {
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(200) }, platform);
        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, "/dns/slow.example/udp/9");
        client.Network.Peerstore.AddAddress(nobody.Id, "/dns/nobody.example/udp/9");
        var dialling = Dial(client, nobody.Id, by);
        platform.Lookups[1].SetResult([]);
        var error = await Assert.ThrowsAsync<PeerUnreachableException>(() => dialling.WaitAsync(Guard));
        Assert.Equal(["/dns/nobody.example/udp/9", "/dns/slow.example/udp/9"], error.Attempts.Select(attempt => attempt.Target));
        Assert.Equal("the name was not looked up within 0.2 s", error.Attempts[1].Error);
        Assert.True(platform.Cancellations[0].IsCancellationRequested);
        platform.Lookups[0].SetResult([IPAddress.Loopback]); // comes to nothing
        var next = Dial(client, nobody.Id, by);
        Assert.Equal(4, platform.Lookups.Count);
        Assert.False(next.IsCompleted);
    }

    [Fact]
    [Covers("API-083", "API-089")]
    public async Task A_dial_that_ends_tells_of_the_name_that_was_not_looked_up()
    {
        var platform = new NamingPlatform();
        await using var client = await Start(new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(200) }, platform);
        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, "/dns/slow.example/udp/9");
        client.Network.Peerstore.AddAddress(nobody.Id, "/ip4/127.0.0.1/udp/9");
        var error = await Assert.ThrowsAsync<PeerUnreachableException>(() => Dial(client, nobody.Id, "request").WaitAsync(Guard));
        Assert.Equal(["/ip4/127.0.0.1/udp/9", "/dns/slow.example/udp/9"], error.Attempts.Select(attempt => attempt.Target));
        Assert.True(platform.Cancellations[0].IsCancellationRequested);
    }

    [Theory]
    [Covers("API-089")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_look_up_that_fails_when_nobody_waits_any_more_is_no_concern_of_the_process(bool asks)
    {
        var untold = new List<Exception>();
        EventHandler<UnobservedTaskExceptionEventArgs> note = (_, told) => untold.AddRange(told.Exception.InnerExceptions);
        var platform = new NamingPlatform();
        var late = new IOException("too late");
        await using var client = await Start(new MsgNetOptions { DialTimeout = TimeSpan.FromMilliseconds(200) }, platform);
        using var nobody = Identity.Generate();
        client.Network.Peerstore.AddAddress(nobody.Id, "/dns/slow.example/udp/9");
        if (asks)
            await Assert.ThrowsAsync<TimeoutException>(() => client.Network.Resolve("/dns/slow.example/udp/9").AsTask().WaitAsync(Guard));
        else
            await Assert.ThrowsAsync<PeerUnreachableException>(() => Dial(client, nobody.Id, "request").WaitAsync(Guard));

        TaskScheduler.UnobservedTaskException += note;
        platform.FailAll(late);
        for (var i = 0; i < 3; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }

        TaskScheduler.UnobservedTaskException -= note;
        Assert.DoesNotContain(late, untold);
    }

    private static Task Dial(MessageHost host, PeerId peer, string by) => by switch
    {
        "request" => host.Request(peer, MessageHost.PingProtocol, new byte[1]).AsTask(),
        "message" => host.SendMessage(peer, "/x", new byte[1], SendOptions.Ordered).AsTask(),
        _ => ((MessageStream)host.OpenStream(peer, "/x").GetAwaiter().GetResult()).Completion,
    };

    private static async Task<MessageHost> Start(MsgNetOptions options, NamingPlatform? platform = null) => platform is null
        ? await MessageHost.Start(options)
        : await MessageHost.Start(
            platform, options, MessageHost.DefaultTransports, NullLoggerFactory.Instance, CancellationToken.None);

    private sealed class RefusingContext : SynchronizationContext
    {
        public int Posts { get; private set; }

        public override void Post(SendOrPostCallback d, object? state) => Posts++;
    }
}
